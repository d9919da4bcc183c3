using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Policies;
using Portal.Policies.Screen;
using Portal.Tests.Policies;
using Portal.Tests.Support;
using Portal.Tests.Tokens.Create;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Approvals.Screen;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Approvals.Screen;

/// <summary>How an Operator requests a change, and how an administrator decides about it.</summary>
public sealed class ApprovalPagesTests : WizardTestContext
{
    private const string Rule = "The policy requires approval for these modules: Billing.";

    [Fact]
    public async Task Wizard_ModuleThatNeedsApproval_SaysSoBeforeAndRequestsIt()
    {
        await Server.SetPolicyAsync(ApprovalCases.Rules["module"]);
        var page = Open();
        await AnswerAllAsync(page);
        Assert.Equal("Create", page.Find("button[type=submit]").Words());
        await page.Field("Billing").ChangeAsync(true);
        Assert.Equal("Request approval", page.Find("button[type=submit]").Words());
        Assert.Contains(Rule, page.Find(".note.warn").Words(), StringComparison.Ordinal);
        await page.Field("Note for administrators").InputAsync("For the shop");

        await NextAsync(page);

        await UntilAsync(() => Address == "/approvals/1");
        var request = (await Server.Approvals().FindAsync(Server.Operator, 1, Xunit.TestContext.Current.CancellationToken))!;
        Assert.Equal(("Shop", "For the shop", "An Operator"), (request.TokenName, request.Note, request.RequestedByName));
        Assert.Null(Kept);
    }

    /// <summary>The button said Create, so the press doesn't become a request.</summary>
    [Fact]
    public async Task Wizard_PolicyChangesMeanwhile_AsksAgain()
    {
        var page = Open();
        await AnswerAllAsync(page);
        await page.Field("Billing").ChangeAsync(true);
        await Server.SetPolicyAsync(ApprovalCases.Rules["module"]);

        await NextAsync(page);

        Assert.Equal("Request approval", page.Find("button[type=submit]").Words());
        Assert.Empty((await Server.Approvals().ListWaitingAsync(Server.Administrator, cancellation: Xunit.TestContext.Current.CancellationToken)).Requests);
        await NextAsync(page);
        await UntilAsync(() => Address == "/approvals/1");
    }

    [Fact]
    public async Task Wizard_Administrator_NeedsNoApproval()
    {
        await Server.SetPolicyAsync(ApprovalCases.Rules["module"]);
        var page = Open(Role.Administrator);
        await AnswerAllAsync(page);
        await page.Field("Billing").ChangeAsync(true);
        Assert.Equal("Create", page.Find("button[type=submit]").Words());
        await NextAsync(page);
        Assert.Equal("Summary", StepOf(page));
    }

    [Fact]
    public async Task Edit_ModuleThatNeedsApproval_RequestsIt()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.SetPolicyAsync(ApprovalCases.Rules["module"]);
        SignIn(Role.Operator);
        var page = Render<TokenEditPage>(parameters => parameters.Add(it => it.Handle, handle));
        Assert.True(page.HasButton("Save changes"));
        await page.Field("Billing").ChangeAsync(true);
        await page.Field("Note for administrators").InputAsync(new string('x', 300));
        await page.Find("form").SubmitAsync();
        Assert.StartsWith("Use at most 255 characters.", page.FaultOf("Note for administrators"), StringComparison.Ordinal);
        await page.Field("Note for administrators").InputAsync("Please");

        await page.Find("form").SubmitAsync();

        await UntilAsync(() => Address == "/approvals/1");
        var token = await Server.DetailsAsync(handle);
        var details = Render<WaitingApprovals>(parameters => parameters.Add(it => it.Actor, Server.Operator).Add(it => it.Token, token));
        Assert.Equal(["MD-0002"], token.Choice.ModuleIds);
        Assert.Equal("Edit waits for approval, requested by An Operator. Open the request", details.Find(".note").Words());
        var own = OpenRequest(1);
        Assert.False(own.HasButton("Approve"));
        await own.Button("Withdraw").ClickAsync();
        own.WaitForAssertion(() => Assert.Contains("By An Operator", own.Find(".note").Words(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Renew_LifetimeThatNeedsApproval_RequestsIt()
    {
        var handle = (await Server.CreateAsync(20)).Handle;
        await Server.SetPolicyAsync(ApprovalCases.Rules["lifetime"]);
        SignIn(Role.Operator);
        var run = Dialogs.InvokeAsync(() => Services.GetRequiredService<TokenDialogs>().RunAsync(Server.Operator, TokenAction.Renew, handle));
        WaitForDialog("Renew Nightly report");
        await Dialogs.Field("30 days").ChangeAsync("30 days");
        Assert.True(Dialogs.HasButton("Renew"));
        await Dialogs.Field("90 days").ChangeAsync("90 days");
        Assert.Contains("The policy requires approval for keys that are valid for more than 30 days.", Dialogs.Markup, StringComparison.Ordinal);

        await Dialogs.Button("Request approval").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Equal("Approval requested for Nightly report Open the request", Dialogs.Find("[role=status].note").Words()));
        Assert.Equal("approvals/1", Dialogs.Find("a[href='approvals/1']").GetAttribute("href"));
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
        Assert.Single((await Server.DetailsAsync(handle)).LiveSecrets);
    }

    [Fact]
    public async Task Request_Administrator_SeesBothSidesAndApproves()
    {
        var handle = (await Server.CreateAsync(20)).Handle;
        await Server.SetPolicyAsync(new PolicyRules { ApprovalModules = [TestTokens.Billing], ApprovalLifetimeDays = 30 });
        var token = await Server.DetailsAsync(handle);
        await Server.Tokens.EditAsync(
            Server.Operator, handle, new TokenEdit("Renamed", null, null, new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing])) { Ask = new ApprovalAsk("For <the> shop") }, token.Version);
        await Server.Tokens.RotateAsync(Server.Operator, handle, null, TimeSpan.FromHours(24), ask: new ApprovalAsk(null));
        SignIn(Role.Administrator);
        var link = Render<ApprovalsLink>();
        Assert.Equal("Approvals 2 2 requests are waiting", link.Find("a").Words());
        Assert.Equal(["Nightly report", "Nightly report"], Render<ApprovalsPage>().Texts("td.cell-name a"));

        var key = OpenRequest(2);
        Assert.Equal(["Expires", "2030-02-04 12:00:00 UTCin 20 days", "Never", "Current key", "–", "Works for another 24 h after the approval"], key.Texts("tbody td"));
        var page = OpenRequest(1);
        Assert.Equal(["Modules", "Agreements", "Agreements, Billing", "Added modules", "–", "Billing", "Name", "Nightly report", "Renamed"], page.Texts("tbody td"));
        Assert.Equal(("For <the> shop", Rule), (page.Fact("Note"), page.Fact("Rules")));
        await page.Field("Comment").InputAsync("Fine");
        await page.Button("Approve").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains("By An Administrator", page.Find(".note").Words(), StringComparison.Ordinal));
        Assert.False(page.HasButton("Approve"));
        Assert.Equal("Renamed", (await Server.DetailsAsync(handle)).Name);
        // The approval changed the token, so the other page shows a former version.
        await key.Button("Approve").ClickAsync();
        key.WaitForAssertion(() => Assert.StartsWith("The token has changed since you opened this page.", key.Find("[role=alert]").Words(), StringComparison.Ordinal));
        Assert.Single((await Server.DetailsAsync(handle)).LiveSecrets);
        await key.Button("Approve").ClickAsync();
        key.WaitForAssertion(() => Assert.Contains("By An Administrator", key.Find(".note").Words(), StringComparison.Ordinal));
        Assert.Equal(2, (await Server.DetailsAsync(handle)).LiveSecrets.Count);
    }

    [Fact]
    public async Task Request_WithdrawnMeanwhile_SaysSoAndChangesNothing()
    {
        var id = await Server.RequestAsync();
        SignIn(Role.Administrator);
        var page = OpenRequest(id);
        await Server.Approvals().WithdrawAsync(Server.Operator, id, Xunit.TestContext.Current.CancellationToken);

        await page.Button("Approve").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal("The request no longer waits for a decision. Nothing was changed.", page.Find("[role=alert]").Words()));
        Assert.False(page.HasButton("Approve"));
    }

    [Fact]
    public async Task List_MoreThanASlice_LeadsToOlderRequestsOfEachKind()
    {
        await Server.StoreRequestsAsync(300);
        SignIn(Role.Administrator);
        var page = Render<ApprovalsPage>();
        Assert.Equal(["Older requests", "Older requests"], page.Texts(".card-footer a"));
        Assert.Equal(2 * ApprovalService.SliceSize, page.FindAll("td.cell-name").Count);
        var navigation = Services.GetRequiredService<NavigationManager>();

        navigation.NavigateTo(page.FindAll(".card-footer a")[1].GetAttribute("href")!);

        page.WaitForAssertion(() => Assert.Equal(["Decided"], page.Texts(".card-body h2")));
        Assert.Equal(["Newest requests", "Older requests"], page.Texts(".card-footer a"));
        navigation.NavigateTo("approvals?waiting_before=1");
        page.WaitForAssertion(() => Assert.Equal(["Waiting", "Decided"], page.Texts(".card-body h2"))); // There are none, so the page shows the newest.
        Assert.Equal("/approvals", Address);
    }

    [Fact]
    public async Task List_RequestFromElsewhere_AppearsByItself()
    {
        SignIn(Role.Administrator);
        var page = Render<ApprovalsPage>();
        Assert.Contains("No request is waiting", page.Markup, StringComparison.Ordinal);
        var id = await Server.RequestAsync();

        Server.Clock.Advance(ApprovalsPage.RefreshInterval);

        page.WaitForAssertion(() => Assert.Equal(["Invoices"], page.Texts("td.cell-name a")));
        await Server.Approvals().DeclineAsync(Server.Administrator, id, cancellation: Xunit.TestContext.Current.CancellationToken);
        Server.Clock.Advance(ApprovalsPage.RefreshInterval);
        page.WaitForAssertion(() => Assert.Equal(["Waiting", "Decided"], page.Texts(".card-body h2")));
    }

    [Fact]
    public async Task Policy_FormSaved_StoresModulesAndLifetime()
    {
        SignIn(Role.Administrator);
        var page = Render<PolicyEditPage>(parameters => parameters.Add(it => it.Id, "account"));
        await page.Field("Approval for keys valid longer than, in days").InputAsync("x");
        await page.Find("form").SubmitAsync();
        Assert.StartsWith("Enter a whole number", page.FaultOf("Approval for keys valid longer than, in days"), StringComparison.Ordinal);
        await page.Field("Approval for keys valid longer than, in days").InputAsync("30");
        await page.Field("Approval for modules").ChangeAsync(nameof(ApprovalAnswer.These));
        await page.Field("Billing").ChangeAsync(true);
        await page.Field("All modules together").ChangeAsync(true);
        await page.Find("form").SubmitAsync();

        Messages.WaitForAssertion(() => Assert.Contains("saved", Messages.Markup, StringComparison.Ordinal));
        var rules = Assert.Single(await Server.Policies().ListAsync(Server.Administrator, Xunit.TestContext.Current.CancellationToken)).Rules;
        Assert.Equal((30, "*, MD-0003"), (rules.ApprovalLifetimeDays, string.Join(", ", rules.ApprovalModules!)));
        Assert.Equal(
            ["Keys valid for more than 30 days need approval", "These modules need approval: All modules together, Billing"], Render<PoliciesPage>().Texts("tbody tr:first-child td:nth-child(2) .stacked span"));
    }

    private IRenderedComponent<ApprovalPage> OpenRequest(long id) => Render<ApprovalPage>(parameters => parameters.Add(it => it.Id, id));
}
