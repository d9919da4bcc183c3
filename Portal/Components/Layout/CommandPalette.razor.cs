using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Data;
using Portal.IpRules.Screen;
using Portal.Localization;
using Portal.Nodes;
using Portal.Tokens.Reading;

namespace Portal.Components.Layout;

/// <summary>Finds pages, actions and tokens by what the user types. A pasted API key finds its token, and isn't kept.</summary>
public sealed partial class CommandPalette(TokenReader reader, KeyTracer tracer, NodeReader nodes, AuthenticationStateProvider authentication, TimeProvider clock) : IDisposable
{
    private const int MaximumTokens = 8;

    /// <summary>The number of tokens among which the best are chosen.</summary>
    private const int Candidates = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    // Never disposed: work that is still running reads its token, and without a timer there is nothing to free.
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Item> _tokens = [];
    private string _text = "";
    private bool _busy, _traced;

    /// <summary>Whether the field has the focus. Otherwise the hidden results would repeat the links of the page.</summary>
    private bool _isOpen;
    private int _latest;

    /// <summary>The groups with results.</summary>
    private IEnumerable<(string Title, IReadOnlyList<Item> Items)> Groups => new (string, IReadOnlyList<Item>)[]
    {
        (Texts.Token_List, _tokens),
        (Texts.Palette_Pages, Matching(Pages)),
        (Texts.TokenTable_Actions, Matching(Actions)),
    }.Where(group => _isOpen && group.Item2.Count > 0);

    private IEnumerable<Item> Pages =>
    [
        new(Texts.Token_List, "tokens", null),
        new(Texts.DeletedTokens_Title, "tokens/deleted", null),
        new(Texts.Navigation_IpRules, "integrations/ip-rules", null),
        new(Texts.Navigation_General, "integrations", null),
        .. _actor?.May(Role.Operator) is true ? [new Item(Texts.Approvals_Title, "approvals", null)] : Array.Empty<Item>(),
        .. _actor?.May(Role.Administrator) is true ? [new Item(Texts.Navigation_Users, "users", null), new Item(Texts.Audit_Title, "audit", null)] : Array.Empty<Item>(),
        .. _actor?.May(Role.Administrator) is true ? [new Item(Texts.Webhooks_Title, "webhooks", null)] : Array.Empty<Item>(),
        .. _actor?.May(Role.Administrator) is true && nodes.IsShared ? [new Item(Texts.Nodes_Title, "nodes", null)] : Array.Empty<Item>(),
        new(Texts.Profile_Title, "profile", null),
    ];

    private IEnumerable<Item> Actions =>
    [
        .. _actor?.May(Role.Operator) is true ? [new Item(Texts.TokenList_Create, "tokens/create", null)] : Array.Empty<Item>(),
        .. _actor?.May(Role.Administrator) is true ? [new Item(Texts.AddressCheck_Title, AddressCheck.Address, null)] : Array.Empty<Item>(),
    ];

    private string Message => _busy ? Texts.Palette_Searching : _traced ? Texts.Palette_KeyRemoved : !_isOpen || Groups.Any() ? "" : Texts.Palette_NoResult;

    private Actor? _actor;

    public void Dispose()
    {
        _gone.Cancel();
    }

    protected override async Task OnInitializedAsync() => _actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);

    private async Task SearchAsync(string? text)
    {
        var asked = ++_latest;
        _traced = SecretText.Holds(text);
        // The field never keeps a key.
        _text = _traced ? "" : text ?? "";
        _busy = _text.Trim().Length > 0 || _traced;
        if (!_busy || _actor is null)
        {
            (_tokens, _busy) = ([], false);
            return;
        }

        try
        {
            var tokens = _traced ? await TraceAsync(text!) : await FindAsync(_text.Trim());
            if (asked == _latest)
                _tokens = tokens;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (asked == _latest)
                _busy = false;
        }

        async Task<IReadOnlyList<Item>> FindAsync(string search)
        {
            await Task.Delay(Pause, clock, _gone.Token);
            if (asked != _latest || search.Length > TokenQuery.LongestSearch)
                return [];
            var page = await reader.ListAsync(_actor, new TokenQuery { Search = search, PageSize = Candidates }, _gone.Token);
            return [.. page.Rows.OrderBy(row => Distance(row, search)).Take(MaximumTokens).Select(row => new Item(row.Name, $"tokens/{row.Handle}", row.Handle))];
        }
    }

    private async Task<IReadOnlyList<Item>> TraceAsync(string text) => PastedKeys.Find(text) is not { } pasted
        ? []
        : [.. (await tracer.TraceAsync(_actor!, pasted, _gone.Token)).Where(key => key.Token is not null).Select(key => new Item(key.Token!.Name, $"tokens/{key.Handle}", key.Handle))];

    /// <summary>How far a token is from the typed text: its name comes before its handle, and both before its other texts.</summary>
    private static int Distance(TokenRow row, string search) =>
        row.Name.StartsWith(search, StringComparison.CurrentCultureIgnoreCase) ? 0
        : row.Name.Contains(search, StringComparison.CurrentCultureIgnoreCase) ? 1
        : row.Handle.Contains(search, StringComparison.OrdinalIgnoreCase) ? 2
        : 3;

    private IReadOnlyList<Item> Matching(IEnumerable<Item> all) =>
        [.. all.Where(item => item.Title.Contains(_text.Trim(), StringComparison.CurrentCultureIgnoreCase))];

    /// <summary>A result.</summary>
    /// <param name="Address">Relative to the base address.</param>
    /// <param name="Note">Text at the end of the line, such as a handle; null: none.</param>
    private sealed record Item(string Title, string Address, string? Note);
}
