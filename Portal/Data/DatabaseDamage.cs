using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data;

/// <summary>Remembers that the database file was found damaged: it doesn't repair itself.</summary>
/// <remarks>EF Core reports every failed command. Code that accesses the database in another way reports its failures itself.</remarks>
public sealed partial class DatabaseDamage(DataDirectory directory, ILogger<DatabaseDamage> logger) : DbCommandInterceptor
{
    private int _found;

    /// <summary>Whether the file is damaged.</summary>
    public bool IsFound => Volatile.Read(ref _found) != 0;

    /// <summary>Records the damage if the exception indicates that the file is damaged.</summary>
    public void Observe(Exception exception)
    {
        if (DatabaseErrors.IsDamage(exception))
            Found(exception.GetBaseException().Message);
    }

    /// <param name="finding">SQLite's message, for the log.</param>
    internal void Found(string finding)
    {
        if (Interlocked.Exchange(ref _found, 1) == 0)
            LogFound(directory.Database, finding);
    }

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Observe(eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Observe(eventData.Exception);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The database file {Path} is damaged: stop Portal and restore the file from a backup. SQLite says: {Finding}")]
    private partial void LogFound(string path, string finding);
}
