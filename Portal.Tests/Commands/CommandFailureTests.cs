using Npgsql;
using Portal.Commands;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary>Commands say why the database can't be used, as a start does.</summary>
[Slow]
public sealed class CommandFailureTests
{
    [Fact]
    public void Describe_DatabaseThatCannotBeUsed_SaysWhatAStartSays() => Assert.Equal(
        "Correct the password.", CommandFailure.Describe(new DatabaseUnusableException("Correct the password.", new PostgresException("refused", "FATAL", "FATAL", "28P01"))));

    [Fact]
    public void Describe_NoConnectionsLeftLater_SaysSo() => Assert.StartsWith(
        "The PostgreSQL server has no free connection", CommandFailure.Describe(new PostgresException("too many", "FATAL", "FATAL", "53300")), StringComparison.Ordinal);

    [Fact]
    public void Describe_ServerThatEndsDuringAChange_SaysThatItMayBeStored() => Assert.Contains(
        "doesn't know whether your change was saved", CommandFailure.Describe(new DatabaseSilentException(mayBeStored: true)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Host=/nonexistent-folder;Username=u;Database=d", "PostgreSQL cannot be reached (")]
    [InlineData(null, "The database of the connection string doesn't exist: create it")]
    public async Task Run_WrongServerOrDatabase_NamesTheCause(string? connectionString, string expected)
    {
        connectionString ??= (await PostgresServer.GetAsync()).ConnectionTo("no_such_database");
        using var folder = new TemporaryDirectory();
        var result = await CommandProcess.RunAsync(
            ["admin", "list", "--data-directory", folder.Path],
            new Dictionary<string, string> { ["Portal__Database"] = "Postgres", ["Portal__ConnectionString"] = connectionString });
        result.AssertFailed(expected);
    }
}
