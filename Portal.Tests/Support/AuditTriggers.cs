namespace Portal.Tests.Support;

/// <summary>Someone with write access to the database can remove the triggers that keep the audit log as it is.</summary>
internal static class AuditTriggers
{
    /// <summary>The SQL that removes them.</summary>
    public static string Off => TestDatabase.IsPostgres
        ? """
            DROP TRIGGER "TR_AuditEntries_Keep" ON "AuditEntries";
            DROP TRIGGER "TR_AuditTrims_Keep" ON "AuditTrims";
            """
        : """
            DROP TRIGGER "TR_AuditEntries_Update";
            DROP TRIGGER "TR_AuditEntries_Delete";
            DROP TRIGGER "TR_AuditTrims_Update";
            DROP TRIGGER "TR_AuditTrims_Delete";
            """;
}
