using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data;
using Portal.Hosting;
using Portal.Tests.Data.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>What the log says about a database that can't be used.</summary>
[Slow]
public sealed class FaultLoggerFactoryTests
{
    public static TheoryData<string, string> Faults => new()
    {
        { nameof(NpgsqlException), "It failed: Portal cannot reach its database server. Start it, or check the network" },
        { nameof(SqliteException), "It failed: Another program has locked Portal's database. Stop it on the server" },
        { nameof(DatabaseBusyException), "It failed: Too many requests are waiting for Portal's database. Wait a moment" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Log_KnownFault_IsASentence(string kind, string expected)
    {
        using var log = new LogRecorder();
        Write(log, LogLevel.Information, ExceptionOf(kind));
        Assert.Equal($"Warning: {expected} ", log.Text);
    }

    [Fact]
    public void Log_KnownFaultAtDebug_HasTheStackTrace()
    {
        using var log = new LogRecorder();
        Write(log, LogLevel.Debug, ExceptionOf(nameof(NpgsqlException)));
        Assert.StartsWith("Warning: It failed. Npgsql.NpgsqlException", log.Text, StringComparison.Ordinal);
        Assert.Contains("   at ", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_OtherException_HasTheStackTrace()
    {
        using var log = new LogRecorder();
        Write(log, LogLevel.Information, ExceptionOf(nameof(InvalidOperationException)));
        Assert.StartsWith("Warning: It failed. System.InvalidOperationException", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_DatabaseIsGone_LogsASentence()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync();
        await using var node = NodesFixture.CreateNode(connection);
        await node.InitializeAsync();
        await server.DropAsync(connection);

        using (var page = await node.Client.GetAsync($"/calendar/{new string('A', 43)}.ics", TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains("while executing the request: Portal's database server refuses its user, password or database. Correct the connection string", node.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", node.Log.Text, StringComparison.Ordinal);
    }

    private static void Write(LogRecorder log, LogLevel least, Exception exception)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(least));
        FaultLoggerFactory.Add(services);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<ILogger<FaultLoggerFactoryTests>>().LogWarning(exception, "It failed.");
    }

    private static Exception ExceptionOf(string kind)
    {
        try
        {
            throw kind switch
            {
                nameof(NpgsqlException) => new NpgsqlException("No suitable host was found."),
                nameof(SqliteException) => new InvalidOperationException("It failed", new SqliteException("database is locked", 5)),
                nameof(DatabaseBusyException) => new DatabaseBusyException(isHeld: false),
                _ => new InvalidOperationException("Something else"),
            };
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
