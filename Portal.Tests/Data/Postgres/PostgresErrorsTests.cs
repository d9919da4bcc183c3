using Npgsql;
using Portal.Data;

namespace Portal.Tests.Data.Postgres;

public sealed class PostgresErrorsTests
{
    /// <summary>These pass, so people and programs are told what happened and when to try again.</summary>
    [Theory]
    [InlineData("25P03")] // The server ended a transaction that paused, because the process was stopped.
    [InlineData("57P05")]
    [InlineData("57P01")]
    [InlineData("08006")]
    [InlineData("08P01")] // PgBouncer, for a server that it lost.
    public void Find_ServerEndedTheConnection_IsUnreachable(string state) =>
        Assert.Equal(DatabaseFault.Unreachable, DatabaseErrors.Find(new PostgresException("ended", "FATAL", "FATAL", state)));

    [Fact]
    public void Find_OtherErrors_AreNoFaultOfTheServer() =>
        Assert.Null(DatabaseErrors.Find(new PostgresException("division by zero", "ERROR", "ERROR", "22012")));
}
