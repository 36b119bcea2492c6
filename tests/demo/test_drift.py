"""The rotation of the demo."""

import numpy as np
import pytest

from edgelearn.demo.drift import rotate


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).random((5, 8, 8), np.float32)


def test_no_turn_changes_nothing(images: np.ndarray) -> None:
    np.testing.assert_array_equal(rotate(images, 0.0), images)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_exact(images: np.ndarray, quarters: int) -> None:
    turned = rotate(images, 90.0 * quarters)
    np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(1, 2)), atol=1e-5)


def test_one_angle_an_image_equals_each_alone(images: np.ndarray) -> None:
    angles = np.array([0.0, 10.0, 20.0, 30.0, -30.0])
    together = rotate(images, angles)
    alone = [rotate(image[None], angle)[0] for image, angle in zip(images, angles, strict=True)]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_back_and_forth_comes_near_the_original() -> None:
    y, x = np.mgrid[:16, :16]
    smooth = np.exp(-((y - 6.0) ** 2 + (x - 9.0) ** 2) / 20)[None].astype(np.float32)
    back = rotate(rotate(smooth, 30.0), -30.0)
    inner = np.s_[:, 4:12, 4:12]
    assert np.abs(back[inner] - smooth[inner]).max() < 0.05
    assert np.abs(rotate(smooth, 30.0)[inner] - smooth[inner]).max() > 0.1


def test_arguments_stay_as_they_were(images: np.ndarray) -> None:
    before = images.copy()
    rotate(images, 17.0)
    np.testing.assert_array_equal(images, before)
