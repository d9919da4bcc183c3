using Bunit;
using Microsoft.AspNetCore.Http;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Webhooks.Screen;

namespace Portal.Tests.Webhooks.Screen;

public sealed class WebhooksPageTests : PageTestContext
{
    private const string Url = "https://hooks.example.com/portal";

    private protected override Dictionary<string, string?> Settings => WebhookSetup.Local;

    [Fact]
    public async Task Add_InvalidInput_PointsAtTheFields()
    {
        var page = Open();
        page.Button("Add endpoint").Click();
        Dialogs.WaitForElement("input[type=text]").Input("https://10.0.0.7/");
        await Dialogs.Field("All events").ChangeAsync(false);
        await SubmitAsync();
        Assert.Equal("Choose at least one event, or all.", Dialogs.Find(".field-fault").Words());
        await Dialogs.Field("All events").ChangeAsync(true);
        await SubmitAsync();
        Dialogs.WaitForAssertion(() => Assert.StartsWith("Portal does not send to 10.0.0.7", Dialogs.FaultOf("Address"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Add_ChosenEvents_ShowsTheSecretOnceAndOpensTheEndpoint()
    {
        var page = Open();
        page.Button("Add endpoint").Click();
        Dialogs.WaitForElement("input[type=text]").Input(Url);
        await Dialogs.Field("All events").ChangeAsync(false);
        await Dialogs.FindAll("label.choice").Single(label => label.Words().Contains("token.deleted", StringComparison.Ordinal)).QuerySelector("input")!.ChangeAsync(true);
        await SubmitAsync();

        Dialogs.WaitForAssertion(() => Assert.StartsWith("whsec_", Dialogs.Find(".key-value").TextContent, StringComparison.Ordinal));
        await Dialogs.Button("Done").ClickAsync();
        await UntilAsync(() => Address == "/webhooks/1");
        Assert.Equal(["token.deleted"], (await Server.EndpointAsync(1)).Events);
    }

    [Fact]
    public async Task Edit_Description_ChangesTheTitle()
    {
        var page = await OpenEndpointAsync();
        await OpenMenuAsync(page, "https://hooks.example.com");
        Choose("Edit");
        Dialogs.WaitForElement("input[type=text]");
        await Dialogs.Field("Description").InputAsync("Tickets");
        await Dialogs.Button("Save").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("Tickets", page.Find("h1").Words()));
    }

    [Fact]
    public async Task Rotate_Overlap_ShowsTheNewSecretAndUntilWhenTheFormerSigns()
    {
        var page = await OpenEndpointAsync();
        await OpenMenuAsync(page, "https://hooks.example.com");
        Choose("New secret");
        WaitForDialog("Create a new secret");
        await Dialogs.Button("New secret").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.StartsWith("whsec_", Dialogs.Find(".key-value").TextContent, StringComparison.Ordinal));
        await Dialogs.Button("Done").ClickAsync();
        page.WaitForAssertion(() => Assert.StartsWith("The former secret also signs until 2030-01-16", page.Fact("Secret"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deliveries_OneIsOpened_ShowsRequestAndAttemptsAndIsSentAgain()
    {
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Respond = context => context.Response.WriteAsync("thank you", Xunit.TestContext.Current.CancellationToken);
        receiver.Status = _ => 200;
        await Server.AddEndpointAsync(receiver.Url);
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Webhooks().TestAsync(Server.Administrator, 1, Xunit.TestContext.Current.CancellationToken);
        await Server.DeliverAsync();

        var page = OpenEndpoint();
        Assert.Equal(2, page.FindAll("tbody tr").Count);
        page.Button($"Delivery token.created, {handle}").Click();
        WaitForDialog("token.created");
        Assert.Contains(handle, Dialogs.Find("pre.body").TextContent, StringComparison.Ordinal);
        Assert.Contains("thank you", Dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("Status 200", Dialogs.Texts("li p"));
        Dialogs.Button("Send again").Click();
        page.WaitForAssertion(() => Assert.Contains("Waiting", page.Texts("tbody .chip")));
        await Server.DeliverAsync();
        Assert.Equal(3, receiver.Messages.Count);
    }

    [Fact]
    public async Task Deliveries_Filter_IsInTheAddress()
    {
        await Server.AddEndpointAsync(Url);
        await Server.CreateAsync();
        await Server.DispatchAsync();
        var page = OpenEndpoint();
        await page.Field("State").ChangeAsync("failed");
        await UntilAsync(() => Address == "/webhooks/1?state=failed");
        Assert.Contains("No such deliveries", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailingEndpoint_IsSaidAndCanBeEnabledAfterItWasSwitchedOff()
    {
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Status = _ => 500;
        await Server.AddEndpointAsync(receiver.Url);
        await Server.CreateAsync();
        await Server.DeliverAsync();
        var page = OpenEndpoint();
        Assert.StartsWith("Every attempt has failed since", page.Find(".note").Words(), StringComparison.Ordinal);

        Server.Clock.Advance(TimeSpan.FromHours(24));
        await Server.DeliverAsync();
        receiver.Status = _ => 410;
        await Server.Webhooks().ResendFailedAsync(Server.Administrator, 1, Xunit.TestContext.Current.CancellationToken);
        Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await Server.DeliverAsync();
        Server.Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(() => Assert.Contains("410 Gone", page.Find(".note").Words(), StringComparison.Ordinal));
        await page.Find(".note").QuerySelector("button")!.ClickAsync();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".note")));
        Assert.Null((await Server.EndpointAsync(1)).DisabledAt);
    }

    [Fact]
    public async Task Delete_Confirmed_LeadsToTheList()
    {
        var page = await OpenEndpointAsync();
        await OpenMenuAsync(page, "https://hooks.example.com");
        Choose("Delete");
        WaitForDialog("Delete the endpoint?");
        Dialogs.Button("Delete").Click();
        await UntilAsync(() => Address == "/webhooks");
    }

    [Fact]
    public async Task List_Endpoints_ShowsTheirStates()
    {
        var (id, _) = await Server.AddEndpointAsync(Url, "token.created");
        await Server.Webhooks().DisableAsync(Server.Administrator, id, Xunit.TestContext.Current.CancellationToken);
        var page = Open();
        Assert.Equal(["Disabled", "1", "All", "0", "0"], page.Texts("tbody td").Skip(1));
        Assert.Equal("webhooks/1", page.Find("tbody a").GetAttribute("href"));
    }

    private Task SubmitAsync() => Dialogs.FindAll(".mud-dialog-actions button")[^1].ClickAsync();

    private IRenderedComponent<WebhooksPage> Open()
    {
        SignIn(Role.Administrator);
        return Render<WebhooksPage>();
    }

    private async Task<IRenderedComponent<WebhookPage>> OpenEndpointAsync()
    {
        await Server.AddEndpointAsync(Url);
        return OpenEndpoint();
    }

    private IRenderedComponent<WebhookPage> OpenEndpoint()
    {
        SignIn(Role.Administrator);
        Navigation.NavigateTo("/webhooks/1");
        return Render<WebhookPage>(parameters => parameters.Add(page => page.Id, 1));
    }
}
