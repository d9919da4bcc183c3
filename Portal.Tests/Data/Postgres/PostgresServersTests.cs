using Portal.Data.Nodes;
using Portal.Data.Postgres;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Each host of the connection strings is asked for its state.</summary>
[Slow]
public sealed class PostgresServersTests
{
    [Fact]
    public void Hosts_OfBothConnectionStrings_AreListedOnceAndWithoutSecrets()
    {
        var hosts = PostgresServers.HostsOf(
            "Host=db1,db2:5433,[::1]:5434,::1;Username=portal;Password=secret;Database=portal", "Host=DB2,db3;Port=5433;Password=secret;Target Session Attributes=prefer-standby").ToList();
        Assert.Equal([("db1", false), ("db2:5433", true), ("[::1]:5434", false), ("::1", false), ("db3:5433", true)], hosts.Select(host => (host.Name, host.ServesKeys)));
        Assert.All(hosts, host => Assert.DoesNotContain("Session", host.ConnectionString, StringComparison.Ordinal));
        Assert.All(hosts, host => Assert.DoesNotContain(",", host.ConnectionString, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_ServerThatIsGone_IsUnreachableAndTheOtherPrimary()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync();
        var read = await new PostgresServers(connection, "Host=127.0.0.1;Port=1;Password=secret").ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal([ServerState.Primary, ServerState.Unreachable], read.Select(entry => entry.State));
        Assert.Equal((0L, true), (read[0].Last, read[0].At is { Kind: DateTimeKind.Utc }));
        Assert.Equal((null, null, true), (read[1].Last, read[1].Version, read[1].ServesKeys));
        await server.DropAsync(connection);
    }
}
