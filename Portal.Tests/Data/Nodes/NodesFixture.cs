using Portal.Tests.Support;

namespace Portal.Tests.Data.Nodes;

/// <summary>Three nodes in one process that share a database.</summary>
public sealed class NodesFixture : IAsyncLifetime
{
    /// <summary>How to connect to the database.</summary>
    public string Connection { get; private set; } = "";

    public IReadOnlyList<PortalHost> Nodes { get; private set; } = [];

    public PortalHost A => Nodes[0];
    public PortalHost B => Nodes[1];
    public PortalHost C => Nodes[2];

    public async ValueTask InitializeAsync()
    {
        Connection = await (await PostgresServer.GetAsync()).CreateAsync();
        Nodes = [.. Enumerable.Range(0, 3).Select(_ => CreateNode(Connection))];
        foreach (var node in Nodes)
            await node.InitializeAsync();
    }

    /// <param name="settings">Additional settings.</param>
    internal static PortalHost CreateNode(string connection, params (string Name, string Value)[] settings)
    {
        var all = TestDatabase.SettingsFor(connection);
        foreach (var (name, value) in settings)
            all[name] = value;
        return new PortalHost("Development", all);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(Connection);
    }
}
