"""Boards need unicorn; without it all that is here is skipped."""

import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")
