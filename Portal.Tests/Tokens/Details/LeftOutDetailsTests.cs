using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

/// <summary>The database refuses counts for so long that requests are counted without their details.</summary>
public sealed class LeftOutDetailsTests : PageTestContext
{
    [Fact]
    public async Task Statistics_SaysHowManyRequestsHaveNone()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync(RefusingTrigger.On("DailyCounts"));
        await CountAsync(1);
        await CountAsync(60_000);
        SignIn(Role.Administrator);
        Navigation.NavigateTo($"/tokens/{handle}?tab=statistics");

        var page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, handle));

        page.WaitForAssertion(() => Assert.Contains("requests of all tokens without details", page.Markup, StringComparison.Ordinal));
    }

    private async Task CountAsync(int requests)
    {
        var (counters, path) = (Server.Services.GetRequiredService<RequestCounters>(), "/" + new string('x', 10_000));
        for (var i = 0; i < requests; i++)
            counters.Count(
                new CountKey(1 + i % 1_000, DateOnly.FromDateTime(Server.Now), "MD-0002", 200, ""), new Use(1, Server.Now, null, "MD-0002"),
                served: new ServedRequest("GET", path, TimeSpan.Zero));
        Assert.False(await Server.Services.GetRequiredService<CountWriter>().FlushAsync(Xunit.TestContext.Current.CancellationToken));
    }
}
