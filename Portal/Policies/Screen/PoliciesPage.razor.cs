using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Policies.Screen;

/// <summary>The policies of the account and of each extension. For administrators.</summary>
public sealed partial class PoliciesPage(PolicyService service, ModuleCatalog catalog, AuthenticationStateProvider authentication) : ActionComponent
{
    private IReadOnlyList<PolicyRow>? _policies;
    private bool _denied;

    protected override async Task OnInitializedAsync()
    {
        var actor = await authentication.GetActorAsync();
        _denied = !actor.May(Role.Administrator);
        if (_denied)
            return;
        var stored = (await service.ListAsync(actor)).ToDictionary(policy => policy.ExtensionId, StringComparer.Ordinal);
        _policies =
        [
            RowOf("", Texts.Policies_Account, stored),
            .. catalog.Extensions.Select(extension => RowOf(extension.Id, extension.Title, stored)),
        ];
    }

    private PolicyRow RowOf(string id, string name, Dictionary<string, StoredPolicy> stored) =>
        new(id, name, stored.GetValueOrDefault(id), stored.TryGetValue(id, out var found) ? PolicyTexts.Describe(found.Rules, catalog) : []);

    private sealed record PolicyRow(string Id, string Name, StoredPolicy? Stored, IReadOnlyList<string> Rules);
}
