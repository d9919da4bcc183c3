using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Components.Shared;
using Portal.Tests.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Details;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Components;

/// <summary>Every place that keeps text that a person typed: an address, a draft, the audit log or the database. A pasted API key gets into none of
/// them. Add new places here.</summary>
public sealed class SecretPlacesTests
{
    private const string Key = SecretTextTests.Key;

    /// <summary>The values that pages read from the address. Each is compared with known words or cleaned before it is used.</summary>
    private static readonly string[] KnownFromAddress = ["ApprovalPage.Id", "ApprovalsPage.DecidedBefore", "ApprovalsPage.WaitingBefore", "DeletedTokenList.PageNumber", "DeletedTokenList.SearchText", "DeletedTokenList.Size", "Login.ReturnUrl", "Login.Session", "LoginCode.ReturnUrl", "NotMinePage.Handle", "PolicyEditPage.Id", "SignInProblemPage.Id", "SignInProblemPage.Provider", "SignInProblemPage.Reason", "TemplateEditPage.Id", "TokenCreate.From", "TokenCreate.Step", "TokenCreate.Template", "TokenDetailsPage.Days", "TokenDetailsPage.Do", "TokenDetailsPage.Handle", "TokenDetailsPage.Hours", "TokenDetailsPage.Tab", "TokenEditPage.Handle", "WebhookPage.Id", "WebhookPage.Page", "WebhookPage.State", "WebhookPage.Type"];

    [Fact]
    public void Address_EachTextOfAQuery_IsLeftOutWhenItHoldsAKey()
    {
        var texts = typeof(TokenQuery).GetProperties().Where(property => property.PropertyType == typeof(string)).ToList();
        Assert.NotEmpty(texts);
        Assert.All(texts, text =>
        {
            var query = new TokenQuery();
            text.SetValue(query, Key);
            Assert.Equal("tokens", TokenListAddress.Write(query));
        });
    }

    [Fact]
    public void Address_EveryParameterOfEveryPage_IsKnown()
    {
        var found = typeof(ActionComponent).Assembly.GetTypes()
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(property => property.GetCustomAttribute<SupplyParameterFromQueryAttribute>() is not null || IsOfRoute(type, property))
                .Select(property => $"{type.Name}.{property.Name}"));
        Assert.Equal(KnownFromAddress, found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Drafts_EachText_IsKeptWithoutAKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        var draft = TokenDraft.Start(portal.Catalog, []);
        Fill(draft);
        draft.Expiration.SetCustom(Key, null);
        AssertHarmless(DraftSerializer.Write(draft));

        var token = await portal.DetailsAsync((await portal.CreateAsync(TestTokens.Wanted() with { StartsAt = portal.Now.AddDays(1) })).Handle);
        var form = new TokenEditForm(token, portal.Catalog);
        Fill(form);
        form.Start.IsLater = true;
        form.Start.Set(Key, null);
        Fill(form.Rate);
        AssertHarmless(EditDraftSerializer.Write(form, token));
    }

    [Theory]
    [InlineData(TokenField.Name)]
    [InlineData(TokenField.ExternalId)]
    [InlineData(TokenField.Description)]
    public async Task Fields_TextWithAKey_IsRefused(TokenField field)
    {
        await using var portal = await TestPortal.CreateAsync();
        var text = "see " + Key;
        var wanted = TestTokens.Wanted(field == TokenField.Name ? text : "Fine") with
        {
            ExternalId = field == TokenField.ExternalId ? text : null,
            Description = field == TokenField.Description ? text : null,
        };
        var fault = Assert.Single(Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.CreateAsync(portal.Operator, wanted)).Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains("contains an API key or another secret", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>An ID of another system, which by the contract may be any text.</summary>
    [Fact]
    public void Fields_ExternalIdOfDigits_IsFine() => Assert.Null(TokenRules.CheckExternalId(SecretTextTests.Secret));

    [Fact]
    public async Task Audit_AnyText_IsWrittenWithoutAKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using (var context = await portal.OpenAsync())
        {
            portal.Services.GetRequiredService<AuditLog>().Add(context, portal.Operator, AuditAction.TokenUpdated, "SU-1", $"name {Key}", new Dictionary<string, object?>
            {
                ["text"] = $"{{\"a\":\"{Key}\"}}", ["change"] = new { before = Key, after = "x" }, ["list"] = new[] { Key },
            });
            await context.SaveChangesAsync();
        }

        var entry = Assert.Single(await portal.AuditAsync());
        AssertHarmless(entry.Details + entry.TargetName);
        Assert.Equal("x", JsonDocument.Parse(entry.Details!).RootElement.GetProperty("change").GetProperty("after").GetString());
    }

    private static bool IsOfRoute(Type type, PropertyInfo property) =>
        property.GetCustomAttribute<ParameterAttribute>() is not null
        && type.GetCustomAttributes<RouteAttribute>().Any(route => route.Template.Contains($"{{{property.Name}", StringComparison.OrdinalIgnoreCase));

    private static void Fill(object draft)
    {
        foreach (var text in draft.GetType().GetProperties().Where(property => property.PropertyType == typeof(string) && property.SetMethod is { IsPublic: true }))
            if (text.Name != nameof(TokenDraft.CreatedHandle))
                text.SetValue(draft, Key);
    }

    private static void AssertHarmless(string? text)
    {
        Assert.NotNull(text);
        Assert.Contains("(hidden)", text, StringComparison.Ordinal);
        Assert.DoesNotContain(SecretTextTests.Secret[..8], text, StringComparison.OrdinalIgnoreCase);
    }
}
