using Microsoft.AspNetCore.Components;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>The filters of the token list. Every change raises a complete query for the first page.</summary>
public sealed partial class TokenFilters(TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Searches that were requested but are not in the URL yet: this takes a round trip to the browser,
    /// during which the user may continue to type.</summary>
    private readonly Queue<string> _pendingSearches = new();
    private ITimer? _typing;
    private string _search = "";
    private string _given = "";

    [Parameter, EditorRequired]
    public TokenQuery Query { get; set; } = new();

    [Parameter, EditorRequired]
    public ModuleCatalog Catalog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TokenOptions Options { get; set; } = new();

    /// <summary>The users and teams that can own tokens.</summary>
    [Parameter]
    public IReadOnlyList<OwnerOption> Owners { get; set; } = [];

    [Parameter]
    public EventCallback<TokenQuery> QueryChanged { get; set; }

    /// <summary>Raised if the search text contains a secret. The text is dropped from the search, and is passed on only to find its token.</summary>
    [Parameter]
    public EventCallback<string> SecretPasted { get; set; }

    /// <summary>Controls that stand beside the filters.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The number of filters besides the search.</summary>
    private int FilterCount => new[]
    {
        Query.Status is not null, Query.ExtensionId is not null, Query.ModuleId is not null, Query.Owner is not null, Query.CreatedBy is not null, Query.Expiring, Query.Idle, Query.WithDeleted, Query.Attention is not null,
    }.Count(isOn => isOn);

    public void Dispose() => _typing?.Dispose();

    protected override void OnParametersSet()
    {
        if (Query.Search == _given)
            return;
        _given = Query.Search;
        if (_pendingSearches.Contains(_given))
        {
            while (_pendingSearches.Dequeue() != _given)
            {
            }
        }
        else
        {
            // The URL wasn't changed by typing, but for example by the Back button or a link.
            _pendingSearches.Clear();
            _search = _given;
        }
    }

    private Task SearchLater(string? text)
    {
        _typing?.Dispose();
        if (SecretText.Holds(text))
        {
            // Before the text is processed further, the field is reset to the current search.
            _search = Asked;
            return SecretPasted.InvokeAsync(text);
        }

        _search = text ?? "";
        _typing = clock.CreateTimer(_ => InvokeAsync(SearchNow), null, Pause, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    /// <summary>The error in the search text; null: valid. Invalid text stays in the field and isn't searched for.</summary>
    private string? SearchFault => _search.Trim().Length is var length && length > TokenQuery.LongestSearch
        ? Texts.TokenFilters_SearchTooLong.With(TokenQuery.LongestSearch, InputLimits.Describe(length, InputLimits.Search))
        : null;

    private Task SearchNow() => SearchFault is not null || _search.Trim() == Asked ? Task.CompletedTask : Change(Query);

    /// <summary>The search text of the list, including one that is about to apply.</summary>
    private string Asked => _pendingSearches.Count > 0 ? _pendingSearches.Last() : _given;

    /// <summary>Raises a query. Every change includes the search text that was typed so far.</summary>
    private Task Change(TokenQuery query)
    {
        _typing?.Dispose();
        var search = SearchFault is null ? _search.Trim() : Asked;
        if (search != Asked)
            _pendingSearches.Enqueue(search);
        return QueryChanged.InvokeAsync(query with { Search = search, Page = 1 });
    }

    private Task Clear()
    {
        _search = "";
        return Change(new TokenQuery { Sort = Query.Sort, Descending = Query.Descending, PageSize = Query.PageSize });
    }

    /// <summary>The sort options: each column in both directions.</summary>
    private static IEnumerable<(string Value, string Text)> Orders => Enum.GetValues<TokenSort>().SelectMany(sort => (IEnumerable<(string, string)>)
        [($"{sort} {false}", $"{sort.Describe()} ↑"), ($"{sort} {true}", $"{sort.Describe()} ↓")]);

    /// <summary>An owner of the address that isn't in the list, such as a team without tokens, is shown by name.</summary>
    private IEnumerable<(string Value, string Text)> OwnerChoices =>
    [
        (OwnerReader.Nobody, Texts.Owner_None),
        .. Owners.Select(owner => (owner.Code, owner.IsFormer ? Texts.Owner_FormerName.With(owner.Name) : owner.Name)),
        .. Query.Owner is { } asked && OwnerChoice.Parse(asked).Team is { } team && Owners.All(owner => owner.Code != asked) ? new[] { (asked, team) } : [],
    ];

    private static TokenStatus? Parse(string? value) => Enum.TryParse<TokenStatus>(value, out var status) ? status : null;

    private TokenQuery Sorted(string? value) => value?.Split(' ') is [var sort, var descending]
        ? Query with { Sort = Enum.Parse<TokenSort>(sort), Descending = bool.Parse(descending) }
        : Query;
}
