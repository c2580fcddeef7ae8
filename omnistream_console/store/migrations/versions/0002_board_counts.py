"""the indexes of the board's counter of unassigned conversations and of its choice of channels

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ON_BOARD = sa.text("board_state IS NOT NULL")
_UNASSIGNED = sa.text("agent_id IS NULL AND board_state IS NOT NULL")


def upgrade() -> None:
    _index_unassigned("organization_id", "agent_id", "board_state")
    op.create_index(
        "ix_conversations_channel",
        "conversations",
        ["organization_id", "channel"],
        sqlite_where=_ON_BOARD,
        postgresql_where=_ON_BOARD,
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_channel", "conversations")
    _index_unassigned("organization_id", "next_due_at")


def _index_unassigned(*columns: str) -> None:
    op.drop_index("ix_conversations_unassigned", "conversations")
    op.create_index(
        "ix_conversations_unassigned",
        "conversations",
        list(columns),
        sqlite_where=_UNASSIGNED,
        postgresql_where=_UNASSIGNED,
    )
