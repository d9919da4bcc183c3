using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Portal.Accounts;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Addresses;
using Portal.Api;
using Portal.Audit;
using Portal.Audit.Screen;
using Portal.Api.Idempotency;
using Portal.Api.Rql;
using Portal.Authentication;
using Portal.Authentication.SharedLimits;
using Portal.Catalog;
using Portal.Components.Localization;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Gateway.ForwardAuth;
using Portal.Hosting;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Localization;
using Portal.Notices;
using Portal.Scim;
using Portal.Scim.Filters;
using Portal.Scim.Schema;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Approvals.Screen;
using Portal.Tokens.Create;
using Portal.Tokens.List;
using Portal.Tokens.Reading;
using Portal.Tokens.Search;
using Portal.Tokens.Templates;
using Portal.Webhooks;
using Portal.Wire;

namespace Portal.Tests.Fuzzing;

/// <summary>Everything that reads input from outside without a database. <see cref="ParserFuzzTests"/> fails if a new parser is missing.</summary>
internal static class FuzzTargets
{
    private const string Key = "ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8";

    private static readonly string[] ClaimTypes = ["email", "email_verified", "name", "groups", "sid", "amr", "acr", "auth_time", "_claim_names"];

    private static readonly SignInProvider Provider = new("test", "Test", new ProviderOptions());

    private static readonly PathOwners Owners = new(TestCatalog.Default);

    private static readonly ScimTokens Tokens = new(Options.Create(new ScimOptions { Token = "fedcba9876543210fedcba9876543210" }));

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ApiKey.TryParse", text => ApiKey.TryParse(text, out _, out _), Key),
        new("StoreConnection.Parse", text => StoreConnection.Parse(text), "redis.example.com:6379,password=secret,ssl=true", "rediss://:secret@redis.example.com:6380/2"),
        new("SentKey.Read", text => SentKey.Read(text), Key),
        new("ApiKey.IsHandle", text => ApiKey.IsHandle(text), "SU-160-984-311"),
        new("RequestTarget.Parse", text => RequestTarget.Parse(text, ApiKeyMiddleware.BasePath, Owners), "/public/v1/agreements/42?x=1", "http://host/public/v1/billing", "*", "/public/v1/auth/tokens/"),
        new("PathSafety.StaysBelow", text => PathSafety.StaysBelow(text), "/a/b;c=1/%2e%2e/d", "/a/..%5c../b"),
        new("PathSafety.BeginsLikeAHost", text => PathSafety.BeginsLikeAHost(text), "//host/a", "/%5chost"),
        new("RqlParser.TryParse", text => RqlParser.TryParse(text, out _, out _), "?and(eq(name,\"a\"),in(status,(active,inactive)))&ordering(-created)&limit=10&offset=5", "?like(name,*a*)|gt(created,2026-01-01)"),
        new("RqlGrammar.ReadName", text => RqlGrammar.ReadName(text, 0), "-events.created.at"),
        new("RqlPattern.Parse", text => RqlPattern.Parse(text, out _), "*a\\*b*", "a*"),
        new("ScimFilterParser.TryParse", text => ScimFilterParser.TryParse(text, ScimSchemas.User, out _, out _), "not (userName eq \"a\") and emails[type eq \"work\" and value co \"@b\"] or title pr"),
        new("ScimPath.Parse", text => OrRefused(() => ScimPath.Parse(text, ScimSchemas.User)), "emails[type eq \"work\"].value", "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName"),
        new("ScimBody.ReadAsync", text => OrRefused(() => ReadPatch(text)), """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"emails","value":[{"value":"a@example.com","type":"work"}]}]}"""),
        new("ScimTokens.Accepts", text => Tokens.Accepts(text), "Bearer 0123456789abcdef0123456789abcdef"),
        new("IdempotencyKey.Parse", text => IdempotencyKey.Parse(text), "\"a-\\\"key\\\\\"", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        new("IsoDuration.Parse", text => IsoDuration.Parse(text), "P1DT2H3M4S", "PT36H"),
        new("PageRange.Read", text => PageRange.Read(Request(text).Query, out _), "?limit=10&offset=20"),
        new("JsonInput.ReadAsync", text => Complete(JsonInput.ReadAsync(Request(body: text), default)), """{"name": "a", "modules": ["MD-0001"], "expiration_date": "2026-11-27T00:00:00Z"}"""),
        new("ExpirationPreset.Parse", text => ExpirationPreset.Parse(text), "30d", "6m", "1y"),
        new("RateLimit.Parse", text => RateLimit.Parse(text), "100 per minute"),
        new("TokenListAddress.Parse", text => TokenListAddress.Parse(Address(text), TestCatalog.Default), "?q=zapier&status=expiring&extension=EXT-001&owner=team:Payments&sort=name&dir=asc&page=2&size=50&columns=handle,status"),
        new("ProviderIdentity.From", text => ProviderIdentity.From(Provider, ClaimsOf(text), null)?.UserNameFor("ada@example.com"), "ada@example.com", "true", "1767225600", "{\"groups\":\"src1\"}"),
        new("TokenListAddress.ParseColumns", text => TokenListAddress.ParseColumns(Address(text)), "?columns=handle,status"),
        new("TokenListAddress.FindSecret", text => TokenListAddress.FindSecret(Address(text)), "?q=" + Key),
        new("TokenListAddress.IsList", text => TokenListAddress.IsList(text), "tokens?a=b"),
        new("TokenColumns.Read", text => TokenColumns.Read(text), "handle,status", "none"),
        new("AuditAddress.Parse", text => AuditAddress.Parse(Address(text)), "?actor=SU-160-984-311&action=token.created&address=192.0.2.7&from=2026-11-01T00:00:00Z&after=639000000000000000-42"),
        new("AuditAddress.IsLog", text => AuditAddress.IsLog(text), "audit?a=b"),
        new("AuditDetails.Parse", text => AuditDetails.Parse(text), """{"name":{"before":"a","after":null},"list":["a",1],"yes":true}"""),
        new("IpRuleListAddress.Parse", text => IpRuleListAddress.Parse(Address(text)), "?q=192.0.2.7&for=tokens&page=2"),
        new("IpRuleChecks.ReadHandle", text => IpRuleChecks.ReadHandle(text), "SU-160-984-311", "su 160 984 311"),
        new("IpRuleFormDraft.Read", text => IpRuleFormDraft.Read(text), """{"Name":"Office","Address":"192.0.2.0/24"}"""),
        new("DraftSerializer.Read", text => DraftSerializer.Read(text, TestCatalog.Default), DraftSerializer.Write(TokenDraft.Start(TestCatalog.Default, ["30d"]))),
        new("DeletedListAddress.Parse", text => DeletedListAddress.Parse(text, text, text), "nightly", "3"),
        new("ApprovalsAddress.Parse", text => ApprovalsAddress.Parse(text, null), "17", "9223372036854775807"),
        new("ApprovalContent.Read", text => ApprovalContent.Read(text), """{"Name":"Nightly","Modules":["MD-0002"],"OverlapSeconds":60}"""),
        new("TabJson.Read", text => TabJson.Read<Dictionary<string, string?[]>>(text), """{"a": ["b", null], "c": []}"""),
        new("PastedKeys.Find", text => PastedKeys.Find(text), Key, "f45bee7e79b10ff6eff67902ccb4f3d46724ceb8"),
        new("SearchWords.Parse", text => SearchWords.Parse(text), "apikey SU-160-984-311:…5c43 \"two words\""),
        new("OwnerChoice.Parse", text => OwnerChoice.TeamKey(OwnerChoice.Parse(text).Team ?? ""), "team:Payments", "user:4711"),
        new("OwnerReader.IsCode", text => OwnerReader.IsCode(text), "team:Payments", "former:12", "none"),
        new("TokenOwnerStore.CheckTeam", text => TokenOwnerStore.CheckTeam(text), "Payments"),
        new("TokenRules.CheckName", text => TokenRules.CheckName(text), "Nightly report"),
        new("TokenRules.NameKey", text => TokenRules.NameKey(text), "Nightly report"),
        new("TokenRules.CheckExternalId", text => TokenRules.CheckExternalId(text), "CRM-1"),
        new("TokenRules.CheckDescription", text => TokenRules.CheckDescription(text), "Two\nlines"),
        new("TokenRules.CheckContact", text => TokenRules.CheckContact(text), "team@example.com"),
        new("TokenRules.SearchText", text => TokenRules.SearchText("SU-160-984-311", text, text, text), "Nightly report"),
        new("NameCollation.SortKey", text => NameCollation.SortKey(text), "Ärzte 10"),
        new("StatisticsPeriod.Find", text => StatisticsPeriod.Find(text, text), "24", "30"),
        new("RecentRequest.CleanHeader", text => RecentRequest.CleanHeader(text, 200), "Mozilla/5.0 (X11)", "a\u00c3\u00a4"),
        new("RecentRequest.Clean", text => RecentRequest.Clean(text, 200), "curl/8.5"),
        new("AddressRangeFormat.TryParse", text => AddressRangeFormat.TryParse(text, out _, out _), "192.0.2.0/24", "10.0.0.1 - 10.0.0.9", "2001:db8::/32", "::1"),
        new("WebhookUrl.Check", text => WebhookUrl.Check(text, new WebhookTargets(Options.Create(new WebhookOptions())), out _), "https://hooks.example.com/a?b=c", "http://[::1]:8080/"),
        new("NoticeDays.Parse", text => NoticeDays.Parse(text), "60,30,14,7,1,0"),
        new("NoticeDays.Read", text => NoticeDays.Read(text), "60, 30", "-"),
        new("NoticeDays.Check", text => NoticeDays.Check(text), "60, 30", "-"),
        new("ExpiryKey.Parse", text => ExpiryKey.Parse(text), "expiring:311:639000000000000000:7"),
        new("MutedKinds.Parse", text => MutedKinds.Parse(text), "expiring,idle"),
        new("ReaderZone.Find", text => ReaderZone.Find(text, new NoticeOptions()), "Europe/Berlin"),
        new("TemplateContent.Read", text => TemplateContent.Read(text), """{"AllModules":false,"Modules":["MD-0001"],"Expiration":"90 days"}"""),
        new("ProxyStyle.Find", text => ProxyStyle.Find(text, out _), "/forward-auth/nginx", "/forward-auth/traefik/x"),
        new("TrustedProxies.Parse", text => TrustedProxies.Parse(text), "10.0.0.0/24"),
        new("PublicPath.Parse", text => PublicPath.Parse(text), "/portal/a"),
        new("AllowedHosts.Split", text => AllowedHosts.Split(text), "a.example;*.example.com"),
        new("LocalPath.OrDefault", text => LocalPath.OrDefault(text, "/tokens", "/portal"), "/portal/tokens?a=b", "//evil.example"),
        new("OneTimeCode.HashOf", text => OneTimeCode.HashOf(text), "wA3kq0i6vJ0y1sWv1cM8mLZ3r1x2u7n0p9o8i7u6y5t"),
        new("SecondFactorVerifier.Clean", text => SecondFactorVerifier.Clean(text), "123 456", "ABCD-EFGH"),
        new("BrowserName.Describe", text => BrowserName.Describe(text), "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        new("UserPreferences.IsTimeZoneName", text => UserPreferences.IsTimeZoneName(text), "America/Argentina/Buenos_Aires"),
        new("AccountRules.CheckName", text => AccountRules.CheckName(text), "Ada Lovelace"),
        new("AccountRules.CheckEmail", text => AccountRules.CheckEmail(text), "ada@example.com"),
        new("AccountRules.CheckPassword", text => AccountRules.CheckPassword(text, "Ada", "ada@example.com"), "three green bicycles") { Share = 100, Longest = TimeSpan.FromSeconds(1) },
        new("SignInLimiter.KeyOf", text => SignInLimiter.KeyOf(text), "ADA@EXAMPLE.COM"),
        new("Languages.Find", text => Languages.Find(text), "de"),
        new("LanguageProvider.DetermineProviderCultureResult", ReadLanguages, "de-AT,de;q=0.9,*;q=0.1"),
        new("SecretText.Holds", text => SecretText.Holds(text), Key, "a f45bee7e 79b10ff6 eff67902 ccb4f3d4 6724ceb8"),
        new("SecretText.HoldsKey", text => SecretText.HoldsKey(text), Key),
        new("SecretText.Hide", text => SecretText.Hide(text), Key),
        new("SecretText.HideKeys", text => SecretText.HideKeys(text), Key),
        new("SecretText.HideInPath", text => SecretText.HideInPath(text), "/public/v1/a?token=f45bee7e79b10ff6eff67902ccb4f3d46724ceb8"),
        new("TextRules.Clean", text => TextRules.Clean(text), " a "),
        new("TextRules.CleanLines", text => TextRules.CleanLines(text), "a\r\nb"),
        new("TextRules.Check", text => TextRules.Check(text, "Name", 128), "a name"),
        new("HostPrefixedCookies.WithoutPrefix", text => HostPrefixedCookies.WithoutPrefix(text), "__Host-portal=a; b=c"),
    ];

    /// <summary>Applies the request to a user.</summary>
    private static void ReadPatch(string text)
    {
        var request = Request(body: text);
        var reading = ScimBody.ReadAsync(request, ScimSchemas.PatchOp);
        Assert.True(reading.IsCompleted);
        var user = new ScimUserRecord("1", "ada", "Ada", "Ada", null, "ada@example.com", null, true, [], TestPortal.Start, TestPortal.Start);
        var resource = ScimUserJson.Write(user, request);
        ScimPatch.Apply(resource, reading.GetAwaiter().GetResult(), ScimSchemas.User);
        ScimUserRules.Check(ScimUserJson.ReadChanged(resource, user));
    }

    /// <summary>A SCIM client gets this exception as an error.</summary>
    private static void OrRefused(Action read)
    {
        try
        {
            read();
        }
        catch (ScimException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    }

    private static void ReadLanguages(string text)
    {
        var context = new DefaultHttpContext();
        (context.Request.Headers.AcceptLanguage, context.Request.Headers.Cookie) = (text, $"{Languages.CookieName}={text}");
        Complete(new LanguageProvider().DetermineProviderCultureResult(context));
    }

    private static HttpRequest Request(string query = "", string body = "")
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query.StartsWith('?') ? query : "?" + query);
        (request.Method, request.ContentType, request.Body) = ("POST", "application/json", new MemoryStream(Encoding.UTF8.GetBytes(body)));
        return request;
    }

    /// <summary>As the framework passes addresses: what can't be in one is escaped.</summary>
    private static Uri Address(string query) => new UriBuilder("http://portal.example/tokens") { Query = query.Length > 60_000 ? query[..60_000] : query }.Uri;

    /// <summary>The input is in memory, so nothing waits.</summary>
    private static void Complete(Task task)
    {
        Assert.True(task.IsCompleted);
        if (task.Exception is { } exception)
            throw exception;
    }

    /// <summary>The same text as each claim that a provider can send.</summary>
    private static ClaimsPrincipal ClaimsOf(string text) => new(new ClaimsIdentity(
        ClaimTypes.Select(type => new Claim(type, text)).Append(new Claim("sub", "subject"))));
}
