using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data;
using Portal.Data.Postgres;

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

    [Theory]
    [InlineData("53300", "no free connection", true)]
    [InlineData("28P01", "refuses its user, password or database", true)]
    [InlineData("28000", "refuses its user, password or database", true)]
    [InlineData("3D000", "refuses its user, password or database", true)]
    [InlineData("53100", "disk", false)]
    public void Find_ServerRefuses_NamesTheReason(string state, string reason, bool isWithoutConnection)
    {
        var fault = DatabaseErrors.Find(new DbUpdateException("It failed", new PostgresException("refused", "FATAL", "FATAL", state)))!;
        Assert.Contains(reason, fault.What, StringComparison.Ordinal);
        Assert.Equal(isWithoutConnection, fault.IsWithoutConnection);
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new NpgsqlException("No suitable host was found."), true },
        { new DbUpdateException("It failed", new NpgsqlException("Connection refused", new SocketException(111))), true },
        { new NpgsqlException("The connection ended", new EndOfStreamException()), true },
        { new PostgresException("starting up", "FATAL", "FATAL", "57P03"), true },
        { new PostgresException("the pooler lost the server", "FATAL", "FATAL", "08P01"), true },
        { new NpgsqlException("No answer", new TimeoutException()), false },
        { new NpgsqlException("No answer of two", new AggregateException(new NpgsqlException("Connection refused", new SocketException(111)), new NpgsqlException("No answer", new TimeoutException()))), false },
        { new PostgresException("wrong password", "FATAL", "FATAL", "28P01"), false },
        { new InvalidOperationException("Something else"), false },
    };

    /// <summary>A server that doesn't answer in time may not come back soon.</summary>
    [Theory]
    [MemberData(nameof(Failures))]
    public void IsServerAway_Failure_OnlyIfNoServerAcceptsConnections(Exception failure, bool expected) => Assert.Equal(expected, PostgresErrors.IsServerAway(failure));

    [Fact]
    public void Find_OtherErrors_AreNoFaultOfTheServer() =>
        Assert.Null(DatabaseErrors.Find(new PostgresException("division by zero", "ERROR", "ERROR", "22012")));

    [Fact]
    public void Advice_ServerThatCannotBeWritten_IsForAStandbyAndForAPrimary()
    {
        var advice = PostgresErrors.Advice(new PostgresException("cannot execute CREATE TABLE in a read-only transaction", "ERROR", "ERROR", "25006"));
        Assert.Contains("If it is a standby, name the primary", advice, StringComparison.Ordinal);
        Assert.Contains("If it is the primary, default_transaction_read_only is on", advice, StringComparison.Ordinal);
    }
}
