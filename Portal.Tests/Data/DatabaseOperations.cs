using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Passkeys;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Audit.Streaming;
using Portal.Authentication;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Sqlite;
using Portal.IpRules;
using Portal.Policies;
using Portal.Notices;
using Portal.Scim;
using Portal.Statistics;
using Portal.Tests.Accounts.Passkeys;
using Portal.Tests.Notices;
using Portal.Tests.Policies;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;
using Portal.Tokens.Search;
using Portal.Tokens.Templates;
using Portal.Tokens.Views;
using Portal.Webhooks;

namespace Portal.Tests.Data;

/// <summary>Runs every operation of the services that uses the database.</summary>
internal static class DatabaseOperations
{
    private static readonly byte[] CallId = new byte[32];

    /// <summary>Takes audit entries.</summary>
    private sealed class EveryEntry : IAuditReceiver
    {
        public Task<bool> SendAsync(IReadOnlyList<StreamedEntry> entries, CancellationToken cancellation) => Task.FromResult(true);
    }

    private static readonly PolicyRules EveryRule = new()
    {
        MaximumLifetimeDays = 1_000, MostTokensPerExtension = 1_000, MostTokensPerOwner = 1_000, RotateEveryDays = 1_000, DisableIdleAfterDays = 1_000, AddressesRequired = true,
    };

    /// <summary>The operations by <c>Type.Method</c>, followed by the variant if an operation has several.</summary>
    public static IReadOnlyDictionary<string, Func<Subject, Task>> All { get; } = new Dictionary<string, Func<Subject, Task>>(StringComparer.Ordinal)
    {
        ["ActivityReader.ReadAsync"] = it => it.Get<ActivityReader>().ReadAsync(it.Administrator, [it.Handle]),
        ["AccountReader.FindAsync"] = it => it.Get<AccountReader>().FindAsync(it.Administrator),
        ["AccountService.CreateUserAsync"] = it => it.InScopeAsync<AccountService>(accounts => accounts.CreateUserAsync(TestPortal.Account, NewUser(), Role.Viewer)),
        ["AccountService.SetUpAsync"] = it => it.InScopeAsync<AccountService>(accounts => accounts.SetUpAsync("WRONG", NewUser())),
        ["AccountService.SignOutAsync"] = _ => Task.CompletedTask, // Needs a request; it finds the user by primary key.
        ["AuditAnchor.WriteAsync"] = it => it.Get<AuditAnchor>().WriteAsync(),
        ["TokenService.RestoreAsync"] = async it =>
        {
            await it.Portal.Tokens.DeleteAsync(it.Administrator, it.Handle);
            await it.Portal.Tokens.RestoreAsync(it.Administrator, it.Handle, new TokenRestoration());
        },
        ["TokenService.UndoDeletionAsync"] = async it =>
        {
            var deleted = Assert.IsType<TokenOutcome.Done>(await it.Portal.Tokens.DeleteAsync(it.Administrator, it.Handle));
            await it.Portal.Tokens.UndoDeletionAsync(it.Administrator, it.Handle, deleted.Former!, null);
        },
        ["DeletedTokenSweep.SweepAsync"] = async it =>
        {
            await it.Portal.Tokens.DeleteAsync(it.Administrator, it.Handle);
            it.Portal.Clock.Advance(TimeSpan.FromDays(31));
            await it.Get<DeletedTokenSweep>().SweepAsync();
        },
        ["AuditRetention.TrimAsync"] = it => ActivatorUtilities.CreateInstance<AuditRetention>(
            it.Portal.Services, Microsoft.Extensions.Options.Options.Create(new AuditOptions { RetentionDays = 36_500 })).TrimAsync(),
        ["AuditStream.SendAsync"] = it => ActivatorUtilities.CreateInstance<AuditStream>(it.Portal.Services, new EveryEntry()).SendAsync(),
        ["AuditChecker.CheckAsync"] = it => it.Get<AuditChecker>().CheckAsync(it.Administrator),
        ["AuditExporter.OpenAsync"] = async it => await (await it.Get<AuditExporter>().OpenAsync(it.Administrator, new AuditFilter { TargetId = it.Handle }, "csv")).CountAsync(),
        ["AuditReader.FindPartyAsync"] = it => it.Get<AuditReader>().FindPartyAsync(it.Administrator, "Nobody"),
        ["AuditReader.ListAsync"] = async it => await it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter(), (await it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter())).Next),
        ["AuditReader.ListAsync of an action"] = it => it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { Action = "token.created" }, it.Now),
        ["AuditReader.ListAsync of an actor"] = it => it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { ActorId = it.Administrator.Id }, it.Now),
        ["AuditReader.ListAsync of an address"] = it => it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { Address = "192.0.2.7" }, it.Now),
        ["AuditReader.ListAsync of a target"] = it => it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { TargetId = it.Handle }, it.Now),
        ["AuditReader.ListAsync of a time"] = it =>
            it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { From = it.Portal.Now.AddDays(-400), To = it.Portal.Now.AddDays(1) }, it.Now),
        ["AuditReader.ListAsync of all filters"] = it => it.Get<AuditReader>().ListAsync(
            it.Administrator, new AuditFilter { Action = "token.created", ActorId = it.Administrator.Id, Address = "192.0.2.7", TargetId = it.Handle, From = it.Portal.Now.AddDays(-400) }),
        ["AuditReader.ListAsync of an action and an actor"] = it =>
            it.Get<AuditReader>().ListAsync(it.Administrator, new AuditFilter { Action = "token.created", ActorId = it.Administrator.Id }, it.Now),
        ["AuditReader.ListOfTokenAsync"] = it => it.Get<AuditReader>().ListOfTokenAsync(it.Administrator, it.Handle),
        ["DeniedAttempts.WriteAsync"] = it =>
        {
            it.Get<DeniedAttempts>().Note(it.Portal.Viewer, Role.Operator, "TokenService.Create");
            return it.Get<DeniedAttempts>().WriteAsync(all: true);
        },
        ["ApprovalService.ApproveAsync"] = async it => await it.Get<ApprovalService>().ApproveAsync(it.Administrator, await it.RequestAsync()),
        ["ApprovalService.CountWaitingAsync"] = it => it.Get<ApprovalService>().CountWaitingAsync(it.Administrator),
        ["ApprovalService.DeclineAsync"] = async it => await it.Get<ApprovalService>().DeclineAsync(it.Administrator, await it.RequestAsync()),
        ["ApprovalService.FindAsync"] = it => it.Get<ApprovalService>().FindAsync(it.Administrator, 1),
        ["ApprovalService.ListDecidedAsync"] = it => it.Get<ApprovalService>().ListDecidedAsync(it.Administrator, 1_000),
        ["ApprovalService.ListDecidedAsync of an Operator"] = it => it.Get<ApprovalService>().ListDecidedAsync(it.Portal.Operator),
        ["ApprovalService.ListWaitingAsync"] = it => it.Get<ApprovalService>().ListWaitingAsync(it.Administrator, 1_000),
        ["ApprovalService.ListWaitingAsync of an Operator"] = it => it.Get<ApprovalService>().ListWaitingAsync(it.Portal.Operator),
        ["ApprovalService.ListOfTokenAsync"] = it => it.Get<ApprovalService>().ListOfTokenAsync(it.Administrator, it.Handle),
        ["ApprovalService.WithdrawAsync"] = async it => await it.Get<ApprovalService>().WithdrawAsync(it.Portal.Operator, await it.RequestAsync()),
        ["ApprovalStore.ApplyToAsync"] = async it =>
        {
            await using var context = await it.Portal.OpenAsync();
            await it.Get<ApprovalStore>().ApplyToAsync(context, new Actor(ActorKind.Token, it.Handle, "", TestPortal.Account, Role.Administrator), default);
        },
        ["ApprovalStore.ApproveAsync"] = async it => await it.Get<ApprovalService>().ApproveAsync(it.Administrator, await it.RequestAsync()),
        ["ApprovalStore.RequestAsync"] = it => it.RequestAsync(),
        ["ApprovalStore.SettleAsync"] = async it => await it.Get<ApprovalService>().DeclineAsync(it.Administrator, await it.RequestAsync()),
        ["ApprovalSweep.SweepAsync"] = async it =>
        {
            await it.RequestAsync();
            await it.Portal.ExecuteAsync("UPDATE ApprovalRequests SET EndsAt = CreatedAt");
            await it.Get<ApprovalSweep>().SweepAsync();
            it.Portal.Clock.Advance(TimeSpan.FromDays(366));
            await it.Get<ApprovalSweep>().SweepAsync();
        },
        ["TokenService.CarryOutAsync"] = async it => await it.Get<ApprovalService>().ApproveAsync(it.Administrator, await it.RequestAsync()),
        ["AddressChecker.CheckAsync"] = it => it.Get<AddressChecker>().CheckAsync(it.Administrator, AddressOf("192.0.2.7"), 1, 25),
        ["AddressChecker.CheckAsync for a module"] = it =>
            it.Get<AddressChecker>().CheckAsync(it.Administrator, AddressOf("198.51.100.7") with { ModuleId = TestTokens.Agreements }, 1, 25),
        ["AddressRulesCache.GetAsync"] = async it => await it.Get<AddressRulesCache>().GetAsync(TestPortal.Account, default),
        ["AddressRulesCache.ReadAsync"] = async it => await it.Get<AddressRulesCache>().ReadAsync(TestPortal.Account, default),
        ["ActivityWatch.FindAsync"] = it => it.Get<ActivityWatch>().FindAsync(it.Portal.Now, default),
        ["ActivityWatch.WriteAsync"] = NoticeOperations.WriteActivityAsync,
        ["CalendarService.EndAsync"] = async it =>
        {
            await it.Get<CalendarService>().RenewAsync(it.Administrator);
            await it.Get<CalendarService>().EndAsync(it.Administrator);
        },
        ["CalendarService.FindAsync"] = async it => await it.Get<CalendarService>().FindAsync(
            (await it.Get<CalendarService>().RenewAsync(it.Administrator)).Split('/', '.')[1], new Uri("https://portal.example.com/")),
        ["CalendarService.FindAsync of all tokens"] = async it =>
        {
            await it.Get<NoticeSettingsService>().SaveAsync(it.Administrator, new NoticeChoice(NoticeDigest.Off, new HashSet<string>(), AllTokens: true));
            await it.Get<CalendarService>().FindAsync((await it.Get<CalendarService>().RenewAsync(it.Administrator)).Split('/', '.')[1], new Uri("https://portal.example.com/"));
        },
        ["CalendarService.ReadAsync"] = it => it.Get<CalendarService>().ReadAsync(it.Administrator),
        ["CalendarService.RenewAsync"] = it => it.Get<CalendarService>().RenewAsync(it.Administrator),
        ["ClockKeeper.ContinueClockAsync"] = it => it.Get<ClockKeeper>().ContinueClockAsync(),
        ["ClockKeeper.ReadLastKnownAsync"] = it => it.Get<ClockKeeper>().ReadLastKnownAsync(),
        ["ClockKeeper.KeepAsync"] = it => it.Get<ClockKeeper>().KeepAsync(default),
        ["ClockKeeper.StartClockAsync"] = it => it.Get<ClockKeeper>().StartClockAsync(accept: false),
        ["CountWriter.FlushAsync"] = it =>
        {
            it.Count();
            return it.Get<CountWriter>().FlushAsync();
        },
        ["CredentialReader.FindAsync"] = async it => await it.Get<ICredentialReader>().FindAsync(it.Handle, default),
        ["EncryptedIdTokens.ReencryptAsync"] = it => it.ReencryptAsync<EncryptedIdTokens>(),
        ["EncryptedSecondFactors.ReencryptAsync"] = it => it.ReencryptAsync<EncryptedSecondFactors>(),
        ["EncryptedSecrets.ReencryptAsync"] = it => it.ReencryptAsync<EncryptedSecrets>(),
        ["EndedSecretSweep.RemoveCopiesAsync"] = it => it.Get<EndedSecretSweep>().RemoveCopiesAsync(),
        ["StartSweep.SweepAsync"] = it => it.Get<StartSweep>().SweepAsync(),
        ["EndedSecretSweep.SweepAsync"] = it => it.Get<EndedSecretSweep>().SweepAsync(),
        ["FailedSignIns.FlushAsync"] = it => it.Get<FailedSignIns>().FlushAsync(),
        ["FirstRun.LookForUsersAsync"] = it => it.Get<FirstRun>().LookForUsersAsync(),
        ["FirstRun.PrepareAsync"] = async it =>
        {
            await using var context = await it.Portal.OpenAsync();
            await it.Get<FirstRun>().PrepareAsync(context);
        },
        ["IpRulePreviewer.AddAsync"] = it => it.Get<IpRulePreviewer>().AddAsync(it.Administrator, new NewIpRule("Office", "192.0.2.7"), null),
        ["IpRulePreviewer.AddAsync for one token"] = it =>
            it.Get<IpRulePreviewer>().AddAsync(it.Administrator, new NewIpRule("Office", "198.51.100.7", it.Handle), null),
        ["IpRulePreviewer.RemoveAsync"] = async it =>
        {
            var rule = Assert.IsType<IpRuleOutcome.Done>(await it.Get<IpRuleService>().AddAsync(it.Administrator, new NewIpRule("All", "192.0.0.0/16")));
            await it.Get<IpRulePreviewer>().RemoveAsync(it.Administrator, rule.Id, null);
        },
        ["IpRulePreviewer.TryAsync"] = it => it.Get<IpRulePreviewer>().TryAsync(it.Administrator, [new NewIpRule("Office", "198.51.100.7", it.Handle)], null),
        ["IpRuleService.AddAsync"] = it => it.Get<IpRuleService>().AddAsync(it.Administrator, new NewIpRule("Office", "198.51.100.9", it.Handle)),
        ["IpRuleService.AddAsync refused"] = async it =>
        {
            var other = await it.Portal.CreateAsync(name: $"Token {Guid.CreateVersion7()}");
            await it.Get<IpRuleService>().AddAsync(it.Administrator, new NewIpRule("Inside", "192.0.0.0/12"));
            Assert.IsType<IpRuleOutcome.Invalid>(await it.Get<IpRuleService>().AddAsync(it.Administrator, new NewIpRule("Elsewhere", "203.0.113.9", other.Handle)));
        },
        ["IpRuleService.ListAsync"] = it => it.Get<IpRuleService>().ListAsync(it.Administrator),
        ["IpRuleService.RequireAsync"] = it => it.Get<IpRuleService>().RequireAsync(it.Administrator),
        ["IpRuleService.RemoveAsync"] = it => it.Get<IpRuleService>().RemoveAsync(it.Administrator, it.RuleId),
        ["KeyTracer.TraceAsync"] = it => it.Get<KeyTracer>().TraceAsync(it.Administrator, PastedKeys.Find(it.Key.ToHeaderValue())!),
        ["KnownSecrets.ReadAsync"] = it => it.Get<KnownSecrets>().ReadAsync(default),
        ["IdempotentResponses.AddAsync"] = it => it.Get<IdempotentResponses>().AddAsync(CallId, CallId, CallId),
        ["IdempotentResponses.FindAsync"] = it => it.Get<IdempotentResponses>().FindAsync(CallId),
        ["IdempotentResponses.PruneAsync"] = it => it.Get<IdempotentResponses>().PruneAsync(),
        ["SignInService.BeginSessionAsync"] = _ => Task.CompletedTask, // These need a request; they find the user by primary key.
        ["SignInService.CompleteAsync"] = _ => Task.CompletedTask,
        ["SignInService.FindPendingAsync"] = _ => Task.CompletedTask,
        ["SignInService.EnterCodeAsync"] = _ => Task.CompletedTask, // Needs a request; it finds the user by primary key.
        ["SignInService.SignInAsync"] = it => it.InScopeAsync<SignInService>(people => people.SignInAsync(new SignInAttempt("nobody@example.com", "a password of nobody"))),
        ["PolicyPreviewer.PreviewAsync"] = it => it.Get<PolicyPreviewer>().PreviewAsync(it.Administrator, "", EveryRule),
        ["PolicyPreviewer.ReadAsync"] = it => it.Get<PolicyPreviewer>().ReadAsync(it.Administrator, [1]),
        ["PolicyPreviewer.ReadHandlesAsync"] = it => it.Get<PolicyPreviewer>().ReadHandlesAsync(it.Administrator, [1]),
        ["PolicySweep.SweepAsync"] = async it =>
        {
            await it.Get<PolicyService>().SaveAsync(it.Administrator, "", EveryRule with { MaximumLifetimeDays = null, MostTokensPerExtension = null, MostTokensPerOwner = null, AddressesRequired = null }, Guid.Empty);
            await it.Get<PolicySweep>().SweepAsync();
        },
        ["PolicyService.CheckCountsAsync"] = async it =>
        {
            await it.Get<PolicyService>().SaveAsync(it.Administrator, "EXT-000", new PolicyRules { MostTokensPerExtension = 1_000, MostTokensPerOwner = 1_000 }, Guid.Empty);
            await it.Get<PolicyService>().CheckCountsAsync(it.Administrator, "EXT-000", OwnerChoice.OfUser(it.Administrator.Id));
        },
        ["PolicyService.CheckTokenAsync"] = it => it.Get<PolicyService>().CheckTokenAsync(it.Administrator, it.Handle),
        ["PolicyService.ListAsync"] = it => it.Get<PolicyService>().ListAsync(it.Administrator),
        ["PolicyService.ReadAsync"] = it => it.Get<PolicyService>().ReadAsync(it.Administrator),
        ["PolicyService.SaveAsync"] = it => it.Get<PolicyService>().SaveAsync(it.Administrator, "EXT-003", new PolicyRules { MaximumLifetimeDays = 3_000 }, Guid.Empty),
        ["ProviderConnections.BeginAsync"] = it => it.Get<ProviderConnections>().BeginAsync(it.Administrator, "none"),
        ["ProviderConnections.ConnectAsync"] = it => it.Get<ProviderConnections>().ConnectAsync(it.Administrator, NewIdentity()),
        ["ProviderConnections.DisconnectAsync"] = async it =>
        {
            await it.Get<ProviderConnections>().ConnectAsync(it.Administrator, NewIdentity());
            await it.Get<ProviderConnections>().DisconnectAsync(it.Administrator, "test");
        },
        ["ProviderConnections.FindWaysAsync"] = it => it.Get<ProviderConnections>().FindWaysAsync(it.Administrator),
        ["ProviderConnections.ListAsync"] = it => it.Get<ProviderConnections>().ListAsync(it.Administrator),
        ["ProviderProof.ProveAsync"] = async it =>
        {
            var identity = NewIdentity();
            await it.Get<ProviderConnections>().ConnectAsync(it.Administrator, identity);
            await it.Get<ProviderProof>().ProveAsync(it.Administrator, identity, it.Portal.Now);
        },
        ["ProviderProof.WaitAsync"] = it => it.Get<ProviderProof>().WaitAsync(it.Administrator),
        ["ProviderRoles.EndSessionsAsync"] = it => it.WithUserAsync((context, user) => it.Get<ProviderRoles>().EndSessionsAsync(context, user, NewIdentity().Provider, default)),
        ["ProviderRoles.UpdateAsync"] = it => it.WithUserAsync((context, user) => it.Get<ProviderRoles>().UpdateAsync(context, user, NewIdentity(), default)),
        ["ProviderSessions.EndAsync"] = it => it.Get<ProviderSessions>().EndAsync(NewIdentity().Provider, "nobody", "none"),
        ["ProviderSessions.FindAsync"] = it => it.Get<ProviderSessions>().FindAsync("none"),
        ["ProviderSignInService.SignInAsync"] = it => it.InScopeAsync<ProviderSignInService>(people => people.SignInAsync(NewIdentity(), "wrong", new SessionOrigin(null, null))),
        // Fails at the end, because the session cookie needs a request.
        ["ProviderSignInService.SignInAsync as a new person"] = it =>
            it.InScopeAsync<ProviderSignInService>(async people => await Record.ExceptionAsync(() => people.SignInAsync(NewIdentity(), null, new SessionOrigin(null, null)))),
        ["SessionStarter.AskForCodeAsync"] = _ => Task.CompletedTask, // Doesn't use the database.
        ["SessionStarter.BeginAsync"] = _ => Task.CompletedTask, // Needs a request; it finds the sessions by their user.
        ["SignInLinks.IssueAsync"] = async it =>
        {
            var user = await it.AddUserAsync();
            await it.InScopeAsync<SignInLinks>(links => links.IssueAsync(it.Administrator with { Kind = ActorKind.System }, user));
        },
        ["SignInLinks.UseAsync"] = it => it.InScopeAsync<SignInLinks>(links => links.UseAsync("wrong", new SessionOrigin(null, null))),
        ["InvitationService.InviteAsync"] = it => it.Get<InvitationService>().InviteAsync(it.Administrator, $"{Guid.CreateVersion7():N}@example.com", Role.Viewer),
        ["InvitationService.WithdrawAsync"] = it => it.Get<InvitationService>().WithdrawAsync(it.Administrator, 1),
        ["OneTimeLinkService.AcceptAsync"] = async it =>
        {
            var invited = Assert.IsType<UserOutcome.Done>(await it.Get<InvitationService>().InviteAsync(it.Administrator, $"{Guid.CreateVersion7():N}@example.com", Role.Viewer));
            await it.InScopeAsync<OneTimeLinkService>(links => links.AcceptAsync(invited.Link!.Code, "Ben", "a long sentence to remember"));
        },
        ["OneTimeLinkService.OpenAsync"] = it => it.InScopeAsync<OneTimeLinkService>(links => links.OpenAsync(OneTimeLinkPurpose.Invitation, "wrong")),
        ["OneTimeLinkService.SetPasswordAsync"] = async it =>
        {
            var reset = Assert.IsType<UserOutcome.Done>(await it.Get<UserService>().ResetPasswordAsync(it.Administrator, await it.AddUserAsync()));
            await it.InScopeAsync<OneTimeLinkService>(links => links.SetPasswordAsync(reset.Link!.Code, "a long sentence to remember"));
        },
        ["PasskeyCeremonies.BeginAsync"] = it => it.Get<PasskeyCeremonies>().BeginAsync(PasskeyPurpose.Proof, "here", it.Administrator.Id, TestAuthenticator.Site),
        ["PasskeyCeremonies.BeginCreationAsync"] = _ => Task.CompletedTask, // PasskeyService.BeginAsync and the next two run these.
        ["PasskeyCeremonies.CompleteCreationAsync"] = _ => Task.CompletedTask,
        ["PasskeyCeremonies.UseAsync"] = _ => Task.CompletedTask,
        ["PasskeyService.BeginAsync"] = it => it.Get<PasskeyService>().BeginAsync(it.Administrator, TestAuthenticator.Site),
        ["PasskeyService.AddAsync"] = async it =>
        {
            var device = new TestAuthenticator();
            Assert.Null((await it.Get<PasskeyService>().AddAsync(
                it.Administrator, "Laptop", device.Create(await it.Get<PasskeyService>().BeginAsync(it.Administrator, TestAuthenticator.Site)))).Fault);
            var request = await it.Get<ProofService>().BeginPasskeyAsync(it.Administrator, TestAuthenticator.Site);
            // The actor has no session in which the proof could be stored.
            await Assert.ThrowsAsync<SessionEndedException>(() => it.Get<ProofService>().ProveByPasskeyAsync(it.Administrator, device.Use(request)));
        },
        ["PasskeyService.ListAsync"] = it => it.Get<PasskeyService>().ListAsync(it.Administrator),
        ["PasskeyService.ProposeNameAsync"] = it => it.Get<PasskeyService>().ProposeNameAsync(it.Administrator),
        ["PasskeyService.RemoveAsync"] = it => it.Get<PasskeyService>().RemoveAsync(it.Administrator, "AAAA"),
        ["PasskeyService.RenameAsync"] = it => it.Get<PasskeyService>().RenameAsync(it.Administrator, "AAAA", "Phone"),
        ["PasskeySignIn.BeginAsync"] = _ => Task.CompletedTask, // These need a request; they find the user by primary key.
        ["PasskeySignIn.BeginCodeAsync"] = _ => Task.CompletedTask,
        ["PasskeySignIn.EnterAsync"] = _ => Task.CompletedTask,
        ["PasskeySignIn.HasPendingPasskeyAsync"] = _ => Task.CompletedTask,
        ["PasskeySignIn.SignInAsync"] = _ => Task.CompletedTask,
        ["PasswordChange.ChangeAsync"] = it => it.InScopeAsync<PasswordChange>(change => change.ChangeAsync(it.Administrator, "wrong", "a long sentence to remember", null)),
        ["ExpirySweep.FindAsync"] = it => it.Get<ExpirySweep>().FindAsync(TestPortal.Account, it.Portal.Now.AddHours(-1), it.Portal.Now, default),
        ["ExpirySweep.WriteAsync"] = NoticeOperations.WriteAsync,
        ["NoticeMails.ComposeAsync of a request"] = async it => await it.Get<NoticeMails>().ComposeAsync(await NoticeOperations.TakeRequestAsync(it), TestPortal.Account, default),
        ["NoticeMails.ComposeAsync"] = async it => await it.Get<NoticeMails>().ComposeAsync(await NoticeOperations.TakeAsync(it), TestPortal.Account, default),
        ["NoticeList.ReadAsync"] = async it =>
        {
            await NoticeOperations.TakeAsync(it);
            await it.Get<NoticeList>().ReadAsync(it.Administrator);
        },
        ["NoticeSettingsService.ReadAsync"] = it => it.Get<NoticeSettingsService>().ReadAsync(it.Administrator),
        ["NoticeSettingsService.SaveAsync"] = it => it.Get<NoticeSettingsService>().SaveAsync(it.Administrator, new NoticeChoice(NoticeDigest.Daily, new HashSet<string>(), AllTokens: true)),
        ["NoticeQueue.EndAsync"] = async it => await it.Get<NoticeQueue>().EndAsync(await NoticeOperations.TakeAsync(it), it.Portal.Now, null, default),
        ["NoticeQueue.IsDueAsync"] = it => it.Get<NoticeQueue>().IsDueAsync(TestPortal.Account, it.Portal.Now, default),
        ["NoticeQueue.PostponeAsync"] = async it => await it.Get<NoticeQueue>().PostponeAsync(await NoticeOperations.TakeAsync(it), it.Portal.Now, "refused", default),
        ["NoticeQueue.ReturnAsync"] = async it => await it.Get<NoticeQueue>().ReturnAsync(await NoticeOperations.TakeAsync(it), it.Portal.Now, "down", mayHaveArrived: false, default),
        ["NoticeQueue.TakeAsync"] = NoticeOperations.TakeAsync,
        ["NoticeTurns.ReadAsync"] = it => it.Get<NoticeTurns>().ReadAsync(TestPortal.Account, default),
        ["NoticeTurns.ReleaseAsync"] = async it => await (await NoticeOperations.TakeTurnAsync(it)).ReleaseAsync(),
        ["NoticeTurns.TryTakeAsync"] = async it => await (await NoticeOperations.TakeTurnAsync(it)).ReleaseAsync(),
        ["NoticeTurns.WriteAsync"] = async it =>
        {
            var turn = await NoticeOperations.TakeTurnAsync(it);
            await turn.AdvanceAsync(it.Portal.Now, default);
            await turn.ReleaseAsync();
        },
        ["NoticePruner.PruneAsync"] = it => it.Get<NoticePruner>().PruneAsync(),
        ["WebhookWatch.FindAsync"] = it => it.Get<WebhookWatch>().FindAsync(TestPortal.Account, it.Portal.Now, default),
        ["WebhookWatch.WriteAsync"] = NoticeOperations.WriteStoppedEndpointAsync,
        ["NoticeWorker.RunAsync"] = it => it.Get<NoticeWorker>().RunAsync(),
        ["PasswordRequests.AskAsync"] = it => it.Get<PasswordRequests>().AskAsync("someone@example.com", null),
        ["ProfileService.ChangeNameAsync"] = it => it.Get<ProfileService>().ChangeNameAsync(it.Administrator, it.Administrator.Name),
        ["ProfileService.ReadAsync"] = it => it.Get<ProfileService>().ReadAsync(it.Administrator),
        ["ProfileService.ChangePreferencesAsync"] = it => it.Get<ProfileService>().ChangePreferencesAsync(it.Administrator, new UserPreferences("dark", null, null)),
        ["ProofService.BeginPasskeyAsync"] = it => it.Get<ProofService>().BeginPasskeyAsync(it.Administrator, TestAuthenticator.Site),
        ["ProofService.OffersPasskeyAsync"] = it => it.Get<ProofService>().OffersPasskeyAsync(it.Administrator, TestAuthenticator.Site),
        ["ProofService.ProveByPasskeyAsync"] = _ => Task.CompletedTask, // PasskeyService.AddAsync runs it.
        ["ProofService.NeedsCodeAsync"] = it => it.Get<ProofService>().NeedsCodeAsync(it.Administrator),
        ["ProofService.ProveAsync"] = it => it.Get<ProofService>().ProveAsync(it.Administrator, "wrong"),
        ["SecondFactorService.BeginAsync"] = it => it.Get<SecondFactorService>().BeginAsync(it.Administrator),
        ["SecondFactorService.ConfirmAsync"] = it => it.Get<SecondFactorService>().ConfirmAsync(it.Administrator, "123456"),
        ["SecondFactorService.ReadAsync"] = it => it.Get<SecondFactorService>().ReadAsync(it.Administrator),
        ["SecondFactorService.RemoveAsync"] = it => it.Get<SecondFactorService>().RemoveAsync(it.Administrator),
        ["SecondFactorService.RenewCodesAsync"] = it => it.Get<SecondFactorService>().RenewCodesAsync(it.Administrator),
        ["SecondFactorVerifier.IsSetUpAsync"] = it => it.Get<SecondFactorVerifier>().IsSetUpAsync(it.Administrator.Id, default),
        ["SecondFactorVerifier.VerifyAsync"] = it => it.Get<SecondFactorVerifier>().VerifyAsync(it.Administrator.Id, "123456", default),
        ["SessionRecorder.FlushAsync"] = it => it.Get<SessionRecorder>().FlushAsync(),
        ["SessionService.EndAsync"] = it => it.Get<SessionService>().EndAsync(it.Administrator, "none"),
        ["SessionService.EndOthersAsync"] = it => it.Get<SessionService>().EndOthersAsync(it.Administrator),
        ["SessionService.ListAsync"] = it => it.Get<SessionService>().ListAsync(it.Administrator),
        ["SessionService.FindEndAsync"] = it => it.Get<SessionService>().FindEndAsync(it.Administrator),
        ["StatisticsPruner.PruneAsync"] = it => it.Get<StatisticsPruner>().PruneAsync(),
        ["StatisticsReader.CountPerDayAsync"] = it => it.Get<StatisticsReader>().CountPerDayAsync(it.Administrator, it.Handle),
        ["StatisticsReader.CountRefusedAsync"] = it => it.Get<StatisticsReader>().CountRefusedAsync(it.Administrator, it.Handle),
        ["StatisticsReader.CountTodayAsync"] = it => it.Get<StatisticsReader>().CountTodayAsync(it.Administrator, it.Handle),
        ["StatisticsReader.CountTodayOfEachAsync"] = it => it.Get<StatisticsReader>().CountTodayOfEachAsync(it.Administrator, [it.Handle]),
        ["StatisticsReader.ReadAsync"] = it => it.Get<StatisticsReader>().ReadAsync(it.Administrator, it.Handle),
        ["StatisticsReader.ReadAsync of hours"] = it => it.Get<StatisticsReader>().ReadAsync(it.Administrator, it.Handle, StatisticsPeriod.Hours),
        ["StatisticsReader.ReadMarkAsync"] = it => it.Get<StatisticsReader>().ReadMarkAsync(it.Administrator, it.Handle),
        ["StatisticsReader.ReadRecentAsync"] = it => it.Get<StatisticsReader>().ReadRecentAsync(it.Administrator, it.Handle),
        ["ScimGroupService.ApplyRolesAsync"] = it => it.Get<ScimGroupService>().ApplyRolesAsync(it.Administrator),
        ["ScimGroupService.ChangeAsync"] = async it =>
            await it.Get<ScimGroupService>().ChangeAsync(it.Administrator, await it.AddScimGroupAsync(), new ScimCondition([]), _ => new ScimGroupInput($"{Guid.CreateVersion7()}", null, [])),
        ["ScimGroupService.CreateAsync"] = it => it.AddScimGroupAsync(),
        ["ScimGroupService.FindAsync"] = async it => await it.Get<ScimGroupService>().FindAsync(it.Administrator, await it.AddScimGroupAsync()),
        ["ScimGroupService.ListAsync"] = it => it.Get<ScimGroupService>().ListAsync(it.Administrator, new ScimKey(null, "Group", "7")),
        ["ScimGroupService.RemoveAsync"] = async it => await it.Get<ScimGroupService>().RemoveAsync(it.Administrator, await it.AddScimGroupAsync(), new ScimCondition([])),
        ["ScimUserService.ChangeAsync"] = async it => await it.Get<ScimUserService>().ChangeAsync(
            it.Administrator, await it.AddScimUserAsync(), new ScimCondition([]), user => new ScimUserInput(user.UserName, "Another", null, null, null, null, false)),
        ["ScimUserService.CreateAsync"] = it => it.AddScimUserAsync(),
        ["ScimUserService.FindAsync"] = async it => await it.Get<ScimUserService>().FindAsync(it.Administrator, await it.AddScimUserAsync()),
        ["ScimUserService.ListAsync"] = it => it.Get<ScimUserService>().ListAsync(it.Administrator, new ScimKey(null, "user", "7")),
        ["ScimUserService.RemoveAsync"] = async it => await it.Get<ScimUserService>().RemoveAsync(it.Administrator, await it.AddScimUserAsync(), new ScimCondition([])),
        ["StatusCountReader.ReadDaysAsync"] = it => it.Get<StatusCountReader>().ReadDaysAsync(it.Administrator, it.Handle, new(2030, 1, 1), new(2030, 1, 31)),
        ["StatusCountReader.ReadTotalsAsync"] = it => it.Get<StatusCountReader>().ReadTotalsAsync(it.Administrator, it.Handle),
        ["UserLookup.AccountsAsync"] = it => it.Get<UserLookup>().AccountsAsync(),
        ["UserLookup.FindAsync"] = it => it.Get<UserLookup>().FindAsync("nobody@example.com"),
        ["UserReader.ListAsync"] = it => it.Get<UserReader>().ListAsync(it.Administrator),
        ["UserService.ChangeRoleAsync"] = async it => await it.Get<UserService>().ChangeRoleAsync(it.Administrator, await it.AddUserAsync(), Role.Operator),
        ["UserService.DisableAsync"] = async it => await it.Get<UserService>().DisableAsync(it.Administrator, await it.AddUserAsync()),
        ["UserService.EnableAsync"] = async it => await it.Get<UserService>().EnableAsync(it.Administrator, await it.AddUserAsync()),
        ["OwnerReader.CountAsync"] = it => it.Get<OwnerReader>().CountAsync(it.Administrator, it.Administrator.Id),
        ["OwnerReader.ListAsync"] = it => it.Get<OwnerReader>().ListAsync(it.Administrator),
        ["TokenReader.ListAsync by owner"] = it => it.Portal.Reader.ListAsync(it.Administrator, new TokenQuery { Owner = "team:Payments" }),
        ["TokenService.ChangeOwnerAsync"] = it => it.Portal.Tokens.ChangeOwnerAsync(it.Administrator, it.Handle, OwnerChoice.OfTeam("Payments")),
        ["UserService.HandOverTokensAsync"] = async it => await it.Get<UserService>().HandOverTokensAsync(it.Administrator, await it.AddUserAsync(), OwnerChoice.OfTeam("Payments")),
        ["UserService.HasOtherAdministratorAsync"] = it => it.WithUserAsync((context, user) => it.Get<UserService>().HasOtherAdministratorAsync(context, user, default)),
        ["UserService.RemoveAsync"] = async it => await it.Get<UserService>().RemoveAsync(it.Administrator, await it.AddUserAsync()),
        ["UserService.RemoveSecondFactorAsync"] = async it => await it.Get<UserService>().RemoveSecondFactorAsync(it.Administrator, await it.AddUserAsync()),
        ["UserService.ResetPasswordAsync"] = async it => await it.Get<UserService>().ResetPasswordAsync(it.Administrator, await it.AddUserAsync()),
        ["TokenAttentionReader.CountAsync"] = it => it.Get<TokenAttentionReader>().CountAsync(it.Administrator),
        ["TokenReader.ReadBulkAsync"] = it => it.Portal.Reader.ReadBulkAsync(it.Administrator, TokenAction.Disable, BulkSelection.Of([it.Handle])),
        ["TokenReader.ReadBulkAsync of a query"] = it => it.Portal.Reader.ReadBulkAsync(it.Administrator, TokenAction.Disable, BulkSelection.AllOf(new TokenQuery(), 1)),
        ["TokenExporter.OpenAsync"] = async it =>
        {
            await foreach (var _ in (await it.Get<TokenExporter>().OpenAsync(it.Administrator, new TokenQuery { ExtensionId = "EXT-001" }, "csv")).Tokens)
                break;
        },
        ["TokenListVersion.ReadAsync"] = it => it.Get<TokenListVersion>().ReadAsync(it.Administrator),
        ["TokenReader.FindIdsAsync"] = it => it.Portal.Reader.FindIdsAsync(it.Administrator, new TokenQuery { ExtensionId = "EXT-000" }, default),
        ["TokenAccessReader.ProposeAsync"] = it => it.Get<TokenAccessReader>().ProposeAsync(it.Administrator, null),
        ["TokenAccessReader.ProposeAsync for one token"] = it => it.Get<TokenAccessReader>().ProposeAsync(it.Administrator, it.Handle),
        ["TokenAccessReader.ReadAsync"] = it => it.Get<TokenAccessReader>().ReadAsync(it.Administrator, it.Handle),
        ["TokenReader.FindPurgedAsync"] = it => it.Portal.Reader.FindPurgedAsync(it.Administrator, it.Handle),
        ["TokenReader.ListDeletedAsync"] = it => it.Portal.Reader.ListDeletedAsync(it.Administrator, "", 1, 25),
        ["TokenReader.ListDeletedAsync of a search"] = it => it.Portal.Reader.ListDeletedAsync(it.Administrator, "report", 1, 25),
        ["TokenReader.FindAsync"] = it => it.Portal.Reader.FindAsync(it.Administrator, it.Handle),
        ["TokenReader.FindCreatedAsync"] = it => it.Portal.Reader.FindCreatedAsync(it.Administrator, Guid.CreateVersion7()),
        ["TokenReader.FindDescendantsAsync"] = it => it.Portal.Reader.FindDescendantsAsync(it.Administrator, it.Handle, _ => true),
        ["TokenReader.IsNameTakenAsync"] = it => it.Portal.Reader.IsNameTakenAsync(it.Administrator, "Nightly report", null),
        ["TokenReader.ListAsync"] = it => it.ListAsync(new TokenQuery()),
        ["TokenReader.ListAsync in the middle"] = it => it.ListAsync(new TokenQuery { Page = 2, PageSize = 10 }),
        ["TokenReader.ListAsync by name"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Name, Descending = false }),
        ["TokenReader.ListAsync by handle"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Handle }),
        ["TokenReader.ListAsync by extension"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Extension }),
        ["TokenReader.ListAsync by status"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Status }),
        ["TokenReader.ListAsync by permissions"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Permissions }),
        ["TokenReader.ListAsync by expiration"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.Expires }),
        ["TokenReader.ListAsync by last use"] = it => it.ListAsync(new TokenQuery { Sort = TokenSort.LastUsed }),
        ["TokenReader.ListAsync idle by last use"] = it => it.ListAsync(new TokenQuery { Idle = true, Sort = TokenSort.LastUsed }),
        ["TokenReader.ListAsync of a module outside the catalog"] = it => it.ListAsync(new TokenQuery { ModuleId = "GONE" }),
        ["TokenReader.ListAsync of a module by permissions"] = it => it.ListAsync(new TokenQuery { ModuleId = TestTokens.Agreements, Sort = TokenSort.Permissions }),
        ["TokenReader.ListAsync of an extension by status"] = it => it.ListAsync(new TokenQuery { ExtensionId = "EXT-000", Sort = TokenSort.Status }),
        ["TokenReader.ListAsync of a status"] = it => it.ListAsync(new TokenQuery { Status = TokenStatus.Active }),
        ["TokenReader.ListAsync of an extension"] = it => it.ListAsync(new TokenQuery { ExtensionId = "EXT-000" }),
        ["TokenReader.ListAsync of a module"] = it => it.ListAsync(new TokenQuery { ModuleId = TestTokens.Agreements }),
        ["TokenReader.ListAsync of a creator"] = it => it.ListAsync(new TokenQuery { CreatedBy = it.Handle, WithDeleted = true, PageSize = 10 }),
        ["TokenReader.ListAsync expiring"] = it => it.ListAsync(new TokenQuery { Expiring = true }),
        ["TokenReader.ListAsync idle"] = it => it.ListAsync(new TokenQuery { Idle = true }),
        ["TokenReader.ListAsync of expired tokens that are called"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.ExpiredCalled }),
        ["TokenReader.ListAsync of never used tokens"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.NeverUsed }),
        ["TokenReader.ListAsync of refused tokens"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.RefusedToday }),
        ["TokenReader.ListAsync of tokens that expire soon"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.ExpiringSoon }),
        ["TokenReader.ListAsync of unused tokens"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.Idle }),
        ["TokenReader.ListAsync of used retired keys"] = it => it.ListAsync(new TokenQuery { Attention = TokenAttention.RetiredKey }),
        ["TokenReader.ListAsync search"] = it => it.ListAsync(new TokenQuery { Search = "report" }),
        ["TokenReader.ListAsync with deleted"] = it => it.ListAsync(new TokenQuery { WithDeleted = true }),
        ["TokenRecordReader.FindAsync"] = it => it.Get<TokenRecordReader>().FindAsync(it.Administrator, it.Handle),
        ["TokenRecordReader.ListAsync"] = it => it.ListRecordsAsync((tokens, _) => tokens.OrderByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id)),
        ["TokenRecordReader.ListAsync by name"] = it => it.ListRecordsAsync((tokens, _) => tokens.OrderBy(token => token.Name).ThenBy(token => token.Id)),
        ["TokenRecordReader.ListAsync by name, last first"] = it => it.ListRecordsAsync((tokens, _) => tokens.OrderByDescending(token => token.Name).ThenByDescending(token => token.Id)),
        ["TokenRecordReader.ListAsync by extension"] = it => it.ListRecordsAsync((tokens, _) => tokens.OrderBy(token => token.ExtensionId).ThenBy(token => token.Id)),
        ["TokenUses.GetAsync"] = it => it.Get<TokenUses>().GetAsync(TestPortal.Account, default),
        ["WorkingTokens.FindAsync"] = it => it.Get<AddressChecker>().CheckAsync(it.Administrator, AddressOf("192.0.2.8"), 1, 25),
        ["TokenIndexes.PrepareAsync"] = it => it.Get<TokenIndexes>().PrepareAsync(TestPortal.Account),
        ["TokenIndexes.GetAsync"] = async it =>
        {
            await it.ListAsync(new TokenQuery { Search = "token" });
            await it.Portal.CreateAsync(name: $"Later {it.Handle}");
            await it.ListAsync(new TokenQuery { Search = "token" });
        },
        ["NameSortKeyFill.FillAsync"] = it => it.Get<NameSortKeyFill>().FillAsync(),
        ["FingerprintFill.FillAsync"] = it => it.Get<FingerprintFill>().FillAsync(),
        ["TokenService.CheckReachAsync"] = it => it.Portal.Tokens.CheckReachAsync(it.Administrator, it.Handle),
        ["TokenService.CreateAsync"] = it => it.Portal.Tokens.CreateAsync(it.Administrator, TestTokens.Wanted($"Another {it.Handle}")),
        ["TokenService.CreateAsync with IP rules"] = it => it.Portal.Tokens.CreateAsync(
            it.Administrator, TestTokens.Wanted($"Another {it.Handle}") with { Addresses = ["192.0.2.7"] }),
        ["TokenService.DeleteAsync"] = it => it.Portal.Tokens.DeleteAsync(it.Administrator, it.Handle),
        ["TokenService.DisableAsync"] = it => it.Portal.Tokens.DisableAsync(it.Administrator, it.Handle),
        ["TokenService.EditAsync"] = async it => await it.Portal.Tokens.EditAsync(
            it.Administrator, it.Handle, new TokenEdit($"Renamed {it.Handle}", null, null, ModuleChoice.All), (await it.Portal.DetailsAsync(it.Handle)).Version),
        ["TokenService.EnableAsync"] = it => it.Portal.Tokens.EnableAsync(it.Administrator, it.Handle),
        ["TokenService.EndPreviousAsync"] = it => it.Portal.Tokens.EndPreviousAsync(it.Administrator, it.Handle),
        ["TokenService.GrantAsync"] = it => it.Portal.Tokens.GrantAsync(it.Administrator, it.Handle, TestTokens.Billing),
        ["TokenService.HandOutAllAsync"] = it => it.Portal.Tokens.HandOutAllAsync(it.Administrator, [it.Handle]),
        ["TokenService.HandOutAsync"] = it => it.Portal.Tokens.HandOutAsync(it.Administrator, it.Key, AuditAction.KeyCopied),
        ["TokenService.RenewAsync"] = it => it.Portal.Tokens.RenewAsync(it.Administrator, it.Handle, it.Portal.Now.AddDays(200)),
        ["TokenService.RenounceAsync"] = it => it.Portal.Tokens.RenounceAsync(it.Administrator, it.Handle),
        ["TokenService.RevealAsync"] = it => it.Portal.Tokens.RevealAsync(it.Administrator, it.Handle, KeySlot.Newest, AuditAction.KeyViewed),
        ["TokenService.RevokeAsync"] = it => it.Portal.Tokens.RevokeAsync(it.Administrator, it.Handle, [TestTokens.Agreements]),
        ["TokenService.RequireAsync"] = it => it.Portal.Tokens.RequireAsync(it.Administrator, TokenAction.Rotate),
        ["TokenService.RotateAsync"] = it => it.Portal.Tokens.RotateAsync(it.Administrator, it.Handle, null, TimeSpan.FromHours(1)),
        ["TokenViewService.DeleteAsync"] = async it =>
        {
            await it.Get<TokenViewService>().SaveAsync(it.Administrator, "Gone", "", shared: true);
            await it.Get<TokenViewService>().DeleteAsync(it.Administrator, (await it.Get<TokenViewService>().ListAsync(it.Administrator))[0].Id);
        },
        ["TokenViewService.ListAsync"] = it => it.Get<TokenViewService>().ListAsync(it.Administrator),
        ["TokenViewService.ReadColumnsAsync"] = it => it.Get<TokenViewService>().ReadColumnsAsync(it.Administrator),
        ["TokenViewService.SaveAsync"] = it => it.Get<TokenViewService>().SaveAsync(it.Administrator, "Idle", "idle=1", shared: false),
        ["TokenViewService.SaveColumnsAsync"] = it => it.Get<TokenViewService>().SaveColumnsAsync(it.Administrator, "handle,status"),
        ["TemplateService.DeleteAsync"] = it => it.Get<TemplateService>().DeleteAsync(it.Administrator, 1),
        ["TemplateService.FindAsync"] = it => it.Get<TemplateService>().FindAsync(it.Administrator, 1),
        ["TemplateService.ListAsync"] = it => it.Get<TemplateService>().ListAsync(it.Administrator),
        ["TemplateService.SaveAsync"] = it => it.Get<TemplateService>().SaveAsync(it.Administrator, null, new TemplateInput("Nightly", null, "EXT-000", new TemplateContent()), Guid.Empty),
        ["TokenService.ShortenAsync"] = it => it.Portal.Tokens.ShortenAsync(it.Administrator, it.Handle, it.Portal.Now.AddDays(1)),
        ["TokenUseReader.ReadAsync"] = it => it.Get<TokenUseReader>().ReadAsync(it.Administrator, [it.Handle]),
        ["UserStates.GetAsync"] = async it => await it.Get<UserStates>().GetAsync(it.Administrator.Id),
        ["UserStates.ReadAsync"] = it => it.Get<UserStates>().ReadAsync([it.Administrator.Id]),
        ["DeliveryRecorder.ClaimAsync"] = it => it.WithDeliveryAsync((context, _, delivery) => it.Get<DeliveryRecorder>().ClaimAsync(context, [delivery], it.Portal.Now, default)),
        ["DeliveryRecorder.RecordAsync"] = it => it.WithDeliveryAsync((context, endpoint, delivery) =>
            it.Get<DeliveryRecorder>().RecordAsync(context, endpoint, [new DeliveryAttempt(delivery, it.Portal.Now, new WebhookResponse(500, 10))], default)),
        ["EncryptedWebhookSecrets.ReencryptAsync"] = it => it.ReencryptAsync<EncryptedWebhookSecrets>(),
        ["WebhookDispatcher.DispatchAsync"] = it => it.WithDeliveryAsync((_, _, _) => Task.CompletedTask),
        ["WebhookReader.FindAsync"] = it => it.Get<WebhookReader>().FindAsync(it.Administrator, 1),
        ["WebhookReader.FindDeliveryAsync"] = it => it.WithDeliveryAsync((_, endpoint, delivery) => it.Get<WebhookReader>().FindDeliveryAsync(it.Administrator, endpoint.Id, delivery.Id)),
        ["WebhookReader.ListAsync"] = it => it.WithDeliveryAsync((_, _, _) => it.Get<WebhookReader>().ListAsync(it.Administrator)),
        ["WebhookReader.ListDeliveriesAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookReader>().ListDeliveriesAsync(it.Administrator, endpoint.Id, new DeliveryQuery())),
        ["WebhookReader.ListDeliveriesAsync filtered"] = it => it.WithDeliveryAsync((_, endpoint, _) =>
            it.Get<WebhookReader>().ListDeliveriesAsync(it.Administrator, endpoint.Id, new DeliveryQuery(DeliveryState.Failed, "token.created"))),
        ["WebhookSender.FindEndpointsAsync"] = it => it.Get<WebhookSender>().FindEndpointsAsync(),
        ["WebhookSender.SendAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookSender>().SendAsync(endpoint.Id)),
        ["WebhookService.AddAsync"] = async it =>
        {
            var added = Assert.IsType<WebhookOutcome.Done>(await it.Get<WebhookService>().AddAsync(it.Administrator, Webhook));
            await it.Get<WebhookService>().DeleteAsync(it.Administrator, added.EndpointId);
        },
        ["WebhookService.DeleteAsync"] = it => it.WithDeliveryAsync((_, _, _) => Task.CompletedTask),
        ["WebhookService.DisableAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookService>().DisableAsync(it.Administrator, endpoint.Id)),
        ["WebhookService.EditAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookService>().EditAsync(it.Administrator, endpoint.Id, endpoint.Version, Webhook with { Description = "Tickets" })),
        ["WebhookService.EnableAsync"] = it => it.WithDeliveryAsync(async (_, endpoint, _) =>
        {
            await it.Get<WebhookService>().DisableAsync(it.Administrator, endpoint.Id);
            await it.Get<WebhookService>().EnableAsync(it.Administrator, endpoint.Id);
        }),
        ["WebhookService.RequireAsync"] = it => it.Get<WebhookService>().RequireAsync(it.Administrator),
        ["WebhookService.ResendAsync"] = it => it.WithDeliveryAsync((_, endpoint, delivery) => it.Get<WebhookService>().ResendAsync(it.Administrator, endpoint.Id, delivery.Id)),
        ["WebhookService.ResendFailedAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookService>().ResendFailedAsync(it.Administrator, endpoint.Id)),
        ["WebhookService.RotateAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookService>().RotateAsync(it.Administrator, endpoint.Id, endpoint.Version, TimeSpan.FromHours(1))),
        ["WebhookService.TestAsync"] = it => it.WithDeliveryAsync((_, endpoint, _) => it.Get<WebhookService>().TestAsync(it.Administrator, endpoint.Id)),
        ["WebhookUpkeep.CountAsync"] = it => it.Get<WebhookUpkeep>().CountAsync(),
        ["WebhookUpkeep.ForgetSecretsAsync"] = it => it.Get<WebhookUpkeep>().ForgetSecretsAsync(),
        ["WebhookUpkeep.PruneAsync"] = it => it.Get<WebhookUpkeep>().PruneAsync(),
        ["WriteAheadLog.TrimAsync"] = it => it.Get<WriteAheadLog>().TrimAsync(mostKept: 0),
        ["WriteProbe.FindFaultAsync"] = it => it.Get<WriteProbe>().FindFaultAsync(),
    };

    /// <summary>Portal doesn't connect to it, because its address isn't allowed.</summary>
    internal static WebhookInput Webhook => new("https://portal.example/", null, [], []);

    private static AddressQuestion AddressOf(string address) =>
        Portal.Addresses.AddressRangeFormat.TryParse(address, out var range, out var fault) ? new AddressQuestion(range) : throw new ArgumentException(fault, nameof(address));

    /// <summary>A person whom the provider has just identified for the first time.</summary>
    private static ProviderIdentity NewIdentity()
    {
        var options = new ProviderOptions { NewUsers = NewUserPolicy.Create, DefaultRole = Role.Viewer, ScimIdClaim = "sub", Roles = { Operator = ["operators"] } };
        var subject = $"{Guid.CreateVersion7():N}";
        return new ProviderIdentity
        {
            Provider = new SignInProvider("test", "Test", options), Subject = subject, ScimId = subject, Email = $"{subject}@example.com", IsEmailVerified = true,
            AuthenticatedAt = DateTime.MaxValue,
        };
    }

    private static NewUser NewUser() => new("A person", "person@example.com", "a long enough password");
}

/// <summary>A portal with a token and an IP rule on which operations work.</summary>
internal sealed record Subject(TestPortal Portal, ApiKey Key, long TokenId, long RuleId)
{
    public string Handle => Key.Handle;
    public Actor Administrator => Portal.Administrator;

    /// <summary>A place in the audit log.</summary>
    public AuditCursor Now => new(Portal.Now, long.MaxValue);

    public static async Task<Subject> CreateAsync(TestPortal portal)
    {
        // There are more operations than rules that an account can have.
        await portal.ExecuteAsync("DELETE FROM IpRules WHERE Label = 'Home'");
        // Those of an operation before.
        await portal.ExecuteAsync("DELETE FROM TokenPolicies");
        var token = await portal.CreateAsync(name: $"Token {Guid.CreateVersion7()}");
        var rule = await portal.Services.GetRequiredService<IpRuleService>().AddAsync(portal.Administrator, new NewIpRule("Home", "192.0.2.0/24", token.Handle));
        await using var context = await portal.OpenAsync();
        return new Subject(portal, token.Key!, await context.Tokens.Where(row => row.Handle == token.Handle).Select(row => row.Id).SingleAsync(), Assert.IsType<IpRuleOutcome.Done>(rule).Id);
    }

    public T Get<T>() where T : notnull => Portal.Services.GetRequiredService<T>();

    public async Task InScopeAsync<T>(Func<T, Task> use) where T : notnull
    {
        await using var scope = Portal.Services.CreateAsyncScope();
        await use(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>Adds a user of the account, whom an operation may change or remove.</summary>
    /// <returns>The ID of the user.</returns>
    public async Task<string> AddUserAsync()
    {
        var id = $"{Guid.CreateVersion7():N}";
        await using var context = await Portal.OpenAsync();
        context.AddUser(new Actor(ActorKind.User, id, "Another user", TestPortal.Account, Role.Viewer) { SecurityStamp = TestUsers.StampOf(id) });
        await context.SaveChangesAsync();
        return id;
    }

    /// <summary>Requests a module for the token.</summary>
    /// <returns>The ID of the request.</returns>
    public async Task<long> RequestAsync()
    {
        await Portal.SetPolicyAsync(new PolicyRules { ApprovalModules = [TestTokens.Billing] });
        var token = await Portal.DetailsAsync(Handle);
        var edit = new TokenEdit(token.Name, null, null, new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing])) { Ask = new ApprovalAsk(null) };
        return Assert.IsType<TokenOutcome.Requested>(await Portal.Tokens.EditAsync(Portal.Operator, Handle, edit, token.Version)).RequestId;
    }

    public Task ReencryptAsync<T>() where T : IEncryptedValues =>
        Portal.Services.GetServices<IEncryptedValues>().OfType<T>().Single().ReencryptAsync(Guid.CreateVersion7(), null, default);

    /// <summary>Adds a user that a directory manages.</summary>
    /// <returns>The ID of the user.</returns>
    public async Task<string> AddScimUserAsync() =>
        (await Get<ScimUserService>().CreateAsync(Administrator, new ScimUserInput($"{Guid.CreateVersion7()}@example.com", null, null, null, null, null, null))).Id;

    /// <summary>Adds a group with a member.</summary>
    /// <returns>The ID of the group.</returns>
    public async Task<string> AddScimGroupAsync() =>
        (await Get<ScimGroupService>().CreateAsync(Administrator, new ScimGroupInput($"{Guid.CreateVersion7()}", null, [await AddScimUserAsync()]))).Id;

    /// <summary>Adds a webhook endpoint with the delivery of a change, and removes both.</summary>
    public async Task WithDeliveryAsync(Func<PortalDbContext, WebhookEndpoint, WebhookDelivery, Task> use)
    {
        var added = Assert.IsType<WebhookOutcome.Done>(await Get<WebhookService>().AddAsync(Administrator, DatabaseOperations.Webhook));
        await Portal.CreateAsync(name: $"Token {Guid.CreateVersion7()}");
        await Get<WebhookDispatcher>().DispatchAsync();
        await using (var context = await Portal.OpenAsync())
            await use(
                context, await context.WebhookEndpoints.AsNoTracking().SingleAsync(endpoint => endpoint.Id == added.EndpointId),
                await context.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.EndpointId == added.EndpointId).OrderBy(delivery => delivery.Id).FirstAsync());
        await Get<WebhookService>().DeleteAsync(Administrator, added.EndpointId);
    }

    public async Task WithUserAsync(Func<PortalDbContext, PortalUser, Task> use)
    {
        var id = await AddUserAsync();
        await using var context = await Portal.OpenAsync();
        await use(context, await context.Users.SingleAsync(user => user.Id == id));
    }

    public Task<TokenPage> ListAsync(TokenQuery query) => Portal.Reader.ListAsync(Administrator, query);

    /// <summary>Lists tokens as the API does.</summary>
    public Task ListRecordsAsync(Func<IQueryable<Token>, bool, IQueryable<Token>> order)
    {
        var records = Get<TokenRecordReader>();
        return records.ListAsync(Administrator, records.Clock, new TokenSelection(DeletedTokens.LeftOut, null, null, order, "all", null, false), 0, 10);
    }

    /// <summary>Counts a request, so that there are statistics to write.</summary>
    public void Count()
    {
        Get<RequestCounters>().Count(
            new CountKey(TokenId, DateOnly.FromDateTime(Portal.Now), TestTokens.Agreements, 200, ""),
            new Use(1, Portal.Now, IPAddress.Loopback, TestTokens.Agreements, "curl"),
            served: new ServedRequest("GET", "/agreements", TimeSpan.FromMilliseconds(3)));
    }
}
