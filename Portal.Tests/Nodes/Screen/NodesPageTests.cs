using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data.Nodes;
using Portal.Nodes;
using Portal.Nodes.Screen;
using Portal.Tests.Data.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Nodes.Screen;

public sealed class NodesPageTests : PageTestContext
{
    private const string Untrusted = "This node can't read the changes of the others at present. It reads the database for each request. Its log says why.";

    private readonly MemoryNodeStore _store = new();
    private NodeLease _lease = default!;

    [Fact]
    public void Nodes_LiveAndEnded_AreToldApartAndTheEndedOnesCollapsed()
    {
        _store.Described = [Node("web1/11", sinceRenewal: 2), Node("web1/12", sinceRenewal: 200), Node("web1/13", sinceRenewal: 1, isDraining: true), Node("web1/9", sinceRenewal: 90, isLive: false)];
        var page = Open();

        Assert.Equal(
            ["web1/11, Live, 2 s ago", "web1/12, Live, 3 minutes ago", "web1/13, Stopping, 1 s ago"],
            page.FindAll("section[aria-label=Nodes] tbody tr").Select(row => $"{row.QuerySelector(".cell-name")!.Words()}, {row.QuerySelector("[data-label=State]")!.Words()}, {row.LastElementChild!.Words()}"));
        Assert.Equal("1 ended node in the last day", page.Find("details:not([open]) summary").Words());
        Assert.Equal("web1/9", page.Find("details tbody .cell-name").Words());
        Assert.Contains("renews its lease of 5 s", page.Find("p.muted").Words(), StringComparison.Ordinal);
        Assert.Empty(Notes(page));
    }

    [Fact]
    public void Database_IsAwayForAWhile_SaysThatTheContentIsOldUntilItReturns()
    {
        _store.Described = [Node("web1/11", sinceRenewal: 2)];
        var page = Open();
        var readAt = Server.Clock.GetUtcNow();
        _store.OnCall = _ => throw new TimeoutException();

        Server.Clock.Advance(TimeSpan.FromSeconds(3));
        page.WaitForAssertion(() => Assert.StartsWith("Portal can't read the nodes at present.", Assert.Single(Notes(page)), StringComparison.Ordinal));
        Assert.Equal(readAt, DateTimeOffset.Parse(page.Find(".note local-time").GetAttribute("datetime")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("web1/11", page.Find("tbody .cell-name").Words());

        _lease.End();
        Server.Clock.Advance(TimeSpan.FromSeconds(3));
        page.WaitForAssertion(() => Assert.Equal(Untrusted, Notes(page)[^1]));

        _store.OnCall = _ => { };
        _lease.Extend(Server.Clock.GetTimestamp(), TimeSpan.FromMinutes(1));
        Server.Clock.Advance(TimeSpan.FromSeconds(3));
        page.WaitForAssertion(() => Assert.Empty(Notes(page)));
    }

    private static string[] Notes(IRenderedComponent<IComponent> page) => page.Texts(".note");

    private NodeDescription Node(string name, int sinceRenewal, bool isLive = true, bool isDraining = false)
    {
        _store.Now = Server.Clock.GetUtcNow().UtcDateTime;
        return new NodeDescription(Guid.CreateVersion7(), new NodeIdentity(name, "All", "1.0.0"), _store.Now.AddHours(-1), _store.Now.AddSeconds(-sinceRenewal), isLive, isDraining, 0);
    }

    private IRenderedComponent<IComponent> Open()
    {
        _lease = new NodeLease(Server.Clock);
        Services.AddSingleton(new NodeReader(
            Server.Services.GetRequiredService<AccessControl>(), _lease, _store, null, null, Server.Services.GetRequiredService<ILimitStoreState>(), new NodeOptions()));
        SignIn(Role.Administrator);
        var page = Render<NodesPage>();
        page.WaitForElement("h2");
        return page;
    }
}
