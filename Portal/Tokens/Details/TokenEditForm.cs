using Portal.Catalog;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>A field that two people changed: what it was, what the other saved, what this one wants.</summary>
public sealed record EditConflict(string Field, string Theirs, string Mine);

/// <summary>The values of the edit form, the changes that they make, and the conflicts with other updates.</summary>
public sealed class TokenEditForm
{
    private const string OutliveField = "May create keys that outlive it";

    private readonly ModuleCatalog _catalog;
    private TokenDetails _base;

    /// <summary>By field, the saved value that this person's value is meant to replace. After another person's save it is no longer
    /// what <see cref="_base"/> has, as long as a conflict is open.</summary>
    private readonly Dictionary<string, string> _seen;

    public TokenEditForm(TokenDetails token, ModuleCatalog catalog)
    {
        (_base, _catalog) = (token, catalog);
        (Name, ExternalId, Description) = (token.Name, token.ExternalId ?? "", token.Description ?? "");
        Modules = ModuleSelection.Of(token.Choice);
        Rate = RateLimitInput.Of(token.RateLimit);
        MayOutlive = token.MayOutlive;
        (SeenVersion, _seen) = (token.Version, Values().ToDictionary(value => value.Field, value => value.Base));
    }

    public string Name { get; set; }
    public string ExternalId { get; set; }
    public string Description { get; set; }
    public ModuleSelection Modules { get; private set; }
    public RateLimitInput Rate { get; private set; }

    /// <summary>Whether keys that the token creates may end later than its own key.</summary>
    public bool MayOutlive { get; set; }

    /// <summary>The version that saving replaces.</summary>
    public Guid Version => _base.Version;

    /// <summary>The version that this user started to edit. It differs from <see cref="Version"/> after someone else has saved.</summary>
    public Guid SeenVersion { get; private set; }

    /// <summary>By field that this person changes, the saved value that they saw.</summary>
    public IReadOnlyDictionary<string, string> Seen() =>
        Values().Where(value => value.Base != value.Mine).ToDictionary(value => value.Field, value => _seen[value.Field]);

    public TokenEdit ToEdit() => new(Name, ExternalId, Description, Modules.ToChoice(), Rate.ToChoice(), MayOutlive == _base.MayOutlive ? null : MayOutlive);

    /// <summary>What saving would change, a sentence each; empty: nothing.</summary>
    public IReadOnlyList<string> Changes() =>
        [.. Values().Where(value => value.Base != value.Mine).Select(value => $"{value.Field}: {Show(value.Base)} → {Show(value.Mine)}")];

    /// <summary>Takes another person's save as the new ground. What only they changed becomes theirs; what only this
    /// person changed stays.</summary>
    /// <returns>What both changed, in different ways; the form still holds this person's values.</returns>
    public IReadOnlyList<EditConflict> Rebase(TokenDetails theirs)
    {
        var mine = Values();
        var ours = new TokenEditForm(theirs, _catalog);
        var conflicts = new List<EditConflict>();
        var theirValues = ours.Values();
        for (var i = 0; i < mine.Count; i++)
        {
            var (field, before, wanted) = mine[i];
            var saved = theirValues[i].Mine;
            if (wanted == before)
                TakeOver(field, saved, ours);
            else if (saved != before && saved != wanted)
                conflicts.Add(new EditConflict(field, Show(saved), Show(wanted)));
        }

        _base = theirs;
        return conflicts;
    }

    /// <summary>Takes up edits that were begun on an earlier version and then put into this form.</summary>
    /// <param name="seen">By field, the saved value at that time; a changed field without one counts as changed by others.</param>
    /// <returns>What others changed as well, in a different way; the form holds this person's values.</returns>
    public IReadOnlyList<EditConflict> Resume(Guid version, IReadOnlyDictionary<string, string> seen)
    {
        SeenVersion = version;
        var conflicts = new List<EditConflict>();
        foreach (var (field, saved, wanted) in Values().Where(value => value.Base != value.Mine))
        {
            var before = seen.GetValueOrDefault(field);
            _seen[field] = before ?? "";
            if (before != saved)
                conflicts.Add(new EditConflict(field, Show(saved), Show(wanted)));
        }

        return conflicts;
    }

    /// <summary>Gives up this person's value of a field for the one that is saved.</summary>
    public void TakeSaved(string field)
    {
        var saved = new TokenEditForm(_base, _catalog);
        TakeOver(field, saved._seen[field], saved);
    }

    private void TakeOver(string field, string saved, TokenEditForm other)
    {
        Take(field, other);
        _seen[field] = saved;
    }

    private List<(string Field, string Base, string Mine)> Values()
    {
        var choice = ModuleSelection.Of(_base.Choice);
        return
        [
            (nameof(Name), _base.Name, Name.Trim()),
            ("External ID", _base.ExternalId ?? "", ExternalId.Trim()),
            (nameof(Description), _base.Description ?? "", Description.Trim()),
            ("Permissions", Describe(choice), Describe(Modules)),
            ("Rate limit", _base.RateLimit.Describe(), Rate.Describe()),
            (OutliveField, YesNo(_base.MayOutlive), YesNo(MayOutlive)),
        ];
    }

    private void Take(string field, TokenEditForm other)
    {
        switch (field)
        {
            case nameof(Name):
                Name = other.Name;
                break;
            case "External ID":
                ExternalId = other.ExternalId;
                break;
            case nameof(Description):
                Description = other.Description;
                break;
            case OutliveField:
                MayOutlive = other.MayOutlive;
                break;
            case "Rate limit":
                Rate = other.Rate;
                break;
            default:
                Modules = other.Modules;
                break;
        }
    }

    private string Describe(ModuleSelection selection) => selection.AllModules
        ? "all modules"
        : string.Join(", ", _catalog.Modules.Where(module => selection.Contains(module.Id)).Select(module => module.Name));

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Show(string value) => value.Length == 0 ? "(empty)" : value;
}
