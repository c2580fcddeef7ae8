"""first schema

Revision: 0001
After: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from omnistream_console.store.database import Instant, Span

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_throttles",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttles")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=240), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("policies_seq", sa.BigInteger(), nullable=False),
        sa.Column("policies_changed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("name_key", name=op.f("uq_organizations_name_key")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("last_sweep_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=True),
        sa.Column("sign_in_version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("role in ('admin', 'supervisor', 'agent')", name=op.f("ck_agents_role")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_agents_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("organization_id", "email_key", name=op.f("uq_agents_organization_id_email_key")),
    )
    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.create_index("ix_agents_email_key", ["email_key"], unique=False)

    op.create_table(
        "divisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=240), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_divisions_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divisions")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_divisions_organization_id_name_key")),
    )
    op.create_table(
        "waiting_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("conversation", sa.String(length=200), nullable=False),
        sa.Column("heard_at", Instant(), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_waiting_events_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_events")),
        sa.UniqueConstraint(
            "organization_id", "source", "source_id", name=op.f("uq_waiting_events_organization_id_source_source_id")
        ),
    )
    with op.batch_alter_table("waiting_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_waiting_events_conversation", ["organization_id", "source", "conversation"], unique=False
        )

    op.create_table(
        "agent_divisions",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_divisions_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["division_id"], ["divisions.id"], name=op.f("fk_agent_divisions_division_id_divisions")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_agent_divisions_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("agent_id", "division_id", name=op.f("pk_agent_divisions")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_api_keys_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_api_keys_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_keys_sha256")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_address", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("opened_by", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_message_at", Instant(), nullable=True),
        sa.Column("last_message_by", sa.String(length=16), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("board_state", sa.String(length=8), nullable=True),
        sa.Column("next_due_at", Instant(), nullable=True),
        sa.Column("next_warning_at", Instant(), nullable=True),
        sa.Column("governed_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status in ('open', 'pending', 'resolved', 'closed')", name=op.f("ck_conversations_status")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_conversations_agent_id_agents")),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_conversations_division_id_divisions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_conversations_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "organization_id", "source", "external_id", name=op.f("uq_conversations_organization_id_source_external_id")
        ),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_conversations_board",
            ["organization_id", "board_state", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("board_state IS NOT NULL"),
            postgresql_where=sa.text("board_state IS NOT NULL"),
        )
        batch_op.create_index("ix_conversations_created", ["organization_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_conversations_due",
            ["organization_id", "next_due_at", "id"],
            unique=False,
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_conversations_governed",
            ["organization_id", "governed_seq"],
            unique=False,
            sqlite_where=sa.text("board_state IS NOT NULL"),
            postgresql_where=sa.text("board_state IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_conversations_unassigned",
            ["organization_id", "next_due_at"],
            unique=False,
            sqlite_where=sa.text("agent_id IS NULL AND board_state IS NOT NULL"),
            postgresql_where=sa.text("agent_id IS NULL AND board_state IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_conversations_warning",
            ["organization_id", "next_warning_at", "next_due_at"],
            unique=False,
            sqlite_where=sa.text("next_warning_at IS NOT NULL"),
            postgresql_where=sa.text("next_warning_at IS NOT NULL"),
        )

    op.create_table(
        "policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=360), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("first_response_time_secs", sa.Integer(), nullable=False),
        sa.Column("resolution_time_secs", sa.Integer(), nullable=False),
        sa.Column("warning_threshold_pct", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_policies_division_id_divisions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_policies_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.create_index(
            "uq_policies_default",
            ["organization_id"],
            unique=True,
            sqlite_where=sa.text("is_default AND deleted_at IS NULL"),
            postgresql_where=sa.text("is_default AND deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_policies_live_name",
            ["organization_id", "name_key"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "breaches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("policy_name", sa.String(length=120), nullable=False),
        sa.Column("threshold_secs", sa.Integer(), nullable=False),
        sa.Column("breached_at", Instant(), nullable=False),
        sa.Column("detected_at", Instant(), nullable=False),
        sa.Column("actual_secs", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("retracted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_breaches_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_breaches_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_breaches_division_id_divisions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_breaches_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_breaches_policy_id_policies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint("conversation_id", "clock", name=op.f("uq_breaches_conversation_id_clock")),
    )
    with op.batch_alter_table("breaches", schema=None) as batch_op:
        batch_op.create_index("ix_breaches_newest", ["organization_id", "breached_at", "id"], unique=False)
        batch_op.create_index("ix_breaches_policy", ["policy_id", "breached_at", "id"], unique=False)

    op.create_table(
        "clocks",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("policy_name", sa.String(length=120), nullable=False),
        sa.Column("threshold_secs", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("governed_from", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("warning_at", Instant(), nullable=True),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.Column("counted", Span(), nullable=False),
        sa.Column("running_since", Instant(), nullable=True),
        sa.Column("paused", Span(), nullable=False),
        sa.Column("paused_since", Instant(), nullable=True),
        sa.Column("breached_at", Instant(), nullable=True),
        sa.Column("sweep_at", Instant(), nullable=True),
        sa.Column("sweep_failures", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_clocks_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_clocks_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_clocks_policy_id_policies")),
        sa.PrimaryKeyConstraint("conversation_id", "kind", name=op.f("pk_clocks")),
    )
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_clocks_sweep_at",
            ["sweep_at"],
            unique=False,
            sqlite_where=sa.text("sweep_at IS NOT NULL"),
            postgresql_where=sa.text("sweep_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_clocks_waiting",
            ["organization_id", "started_at"],
            unique=False,
            sqlite_where=sa.text("kind = 'first_response' AND state = 'running'"),
            postgresql_where=sa.text("kind = 'first_response' AND state = 'running'"),
        )

    op.create_table(
        "facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("heard_at", Instant(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.String(length=16), nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "kind in ('created', 'transfer', 'customer_message', 'agent_reply', 'bot_message', 'note', "
            "'assignment', 'status')",
            name=op.f("ck_facts_kind"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["agents.id"], name=op.f("fk_facts_actor_id_agents")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_facts_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_facts_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_facts_division_id_divisions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_facts_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint(
            "organization_id", "source", "source_id", name=op.f("uq_facts_organization_id_source_source_id")
        ),
    )
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.create_index("ix_facts_conversation_id_at", ["conversation_id", "at"], unique=False)

    op.create_table(
        "policy_versions",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("first_response_time_secs", sa.Integer(), nullable=False),
        sa.Column("resolution_time_secs", sa.Integer(), nullable=False),
        sa.Column("warning_threshold_pct", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["agents.id"], name=op.f("fk_policy_versions_changed_by_agents")),
        sa.ForeignKeyConstraint(
            ["division_id"], ["divisions.id"], name=op.f("fk_policy_versions_division_id_divisions")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_policy_versions_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_policy_versions_policy_id_policies")),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policy_versions")),
    )
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_policy_versions_organization_id_changed_at", ["organization_id", "changed_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_policy_versions_organization_id_changed_at")

    op.drop_table("policy_versions")
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.drop_index("ix_facts_conversation_id_at")

    op.drop_table("facts")
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_clocks_waiting",
            sqlite_where=sa.text("kind = 'first_response' AND state = 'running'"),
            postgresql_where=sa.text("kind = 'first_response' AND state = 'running'"),
        )
        batch_op.drop_index(
            "ix_clocks_sweep_at",
            sqlite_where=sa.text("sweep_at IS NOT NULL"),
            postgresql_where=sa.text("sweep_at IS NOT NULL"),
        )

    op.drop_table("clocks")
    with op.batch_alter_table("breaches", schema=None) as batch_op:
        batch_op.drop_index("ix_breaches_policy")
        batch_op.drop_index("ix_breaches_newest")

    op.drop_table("breaches")
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_policies_live_name",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_policies_default",
            sqlite_where=sa.text("is_default AND deleted_at IS NULL"),
            postgresql_where=sa.text("is_default AND deleted_at IS NULL"),
        )

    op.drop_table("policies")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_conversations_warning",
            sqlite_where=sa.text("next_warning_at IS NOT NULL"),
            postgresql_where=sa.text("next_warning_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_conversations_unassigned",
            sqlite_where=sa.text("agent_id IS NULL AND board_state IS NOT NULL"),
            postgresql_where=sa.text("agent_id IS NULL AND board_state IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_conversations_governed",
            sqlite_where=sa.text("board_state IS NOT NULL"),
            postgresql_where=sa.text("board_state IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_conversations_due",
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_conversations_created")
        batch_op.drop_index(
            "ix_conversations_board",
            sqlite_where=sa.text("board_state IS NOT NULL"),
            postgresql_where=sa.text("board_state IS NOT NULL"),
        )

    op.drop_table("conversations")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_organization_id"))

    op.drop_table("api_keys")
    op.drop_table("agent_divisions")
    with op.batch_alter_table("waiting_events", schema=None) as batch_op:
        batch_op.drop_index("ix_waiting_events_conversation")

    op.drop_table("waiting_events")
    op.drop_table("divisions")
    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.drop_index("ix_agents_email_key")

    op.drop_table("agents")
    op.drop_table("workers")
    op.drop_table("organizations")
    op.drop_table("login_throttles")
