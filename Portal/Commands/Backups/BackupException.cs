namespace Portal.Commands.Backups;

/// <summary>A backup can't be used; the message says what to do.</summary>
public sealed class BackupException(string message) : Exception(message)
{
    internal static BackupException Damaged(string path) =>
        new($"The backup {path} is incomplete or was changed after it was created. Use another backup.");
}
