using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Scim.Schema;

namespace Portal.Scim.Filters;

internal enum ScimOperator
{
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
    Pr,
}

/// <summary>A condition on a resource, or on an element of an attribute with several values (RFC 7644, section 3.4.2.2).</summary>
internal abstract record ScimFilter
{
    public abstract bool Matches(JsonObject resource);

    /// <summary>The comparisons for equality that every match fulfills.</summary>
    public virtual IEnumerable<ScimComparison> RequiredEqualities => [];

    /// <returns>The value that the attribute has in every match; null: unknown.</returns>
    public string? RequiredValue(string attribute) => RequiredEqualities
        .Where(equality => equality.Name is { Sub: null, Attribute: { } found } && found.Name.Equals(attribute, StringComparison.OrdinalIgnoreCase))
        .Select(equality => equality.Value as string).FirstOrDefault();
}

internal sealed record ScimAnd(IReadOnlyList<ScimFilter> Terms) : ScimFilter
{
    public override IEnumerable<ScimComparison> RequiredEqualities => Terms.SelectMany(term => term.RequiredEqualities);

    public override bool Matches(JsonObject resource) => Terms.All(term => term.Matches(resource));
}

internal sealed record ScimOr(IReadOnlyList<ScimFilter> Terms) : ScimFilter
{
    public override bool Matches(JsonObject resource) => Terms.Any(term => term.Matches(resource));
}

internal sealed record ScimNot(ScimFilter Term) : ScimFilter
{
    public override bool Matches(JsonObject resource) => !Term.Matches(resource);
}

/// <summary>Whether one element of an attribute fulfills a condition: <c>emails[type eq "work" and value co "@example.com"]</c>.</summary>
internal sealed record ScimValueFilter(ScimAttribute? Attribute, ScimFilter Filter) : ScimFilter
{
    public override bool Matches(JsonObject resource) =>
        Attribute is not null && ScimComparison.ElementsOf(resource[Attribute.Name]).OfType<JsonObject>().Any(Filter.Matches);
}

/// <param name="Value">A string, a Boolean, a <see cref="DateTimeOffset"/> or null.</param>
internal sealed record ScimComparison(ScimName Name, ScimOperator Operator, object? Value) : ScimFilter
{
    public override IEnumerable<ScimComparison> RequiredEqualities => Operator == ScimOperator.Eq ? [this] : [];

    public override bool Matches(JsonObject resource)
    {
        var values = ValuesIn(resource).ToList();
        return Operator switch
        {
            ScimOperator.Pr => values.Count > 0,
            ScimOperator.Eq when Value is null => values.Count == 0,
            ScimOperator.Ne when Value is null => values.Count > 0,
            ScimOperator.Ne => values.Count == 0 || values.Exists(value => !IsEqual(value)),
            _ => values.Exists(Fulfills),
        };
    }

    /// <summary>The elements of an attribute with several values, or the only value.</summary>
    internal static IEnumerable<JsonNode> ElementsOf(JsonNode? node) => node switch
    {
        null => [],
        JsonArray array => array.OfType<JsonNode>(),
        _ => [node],
    };

    private IEnumerable<JsonNode> ValuesIn(JsonObject resource)
    {
        if (Name.Attribute is not { } attribute)
            return [];
        var sub = Name.Sub ?? (Operator == ScimOperator.Pr ? null : attribute.Type == ScimType.Complex ? Name.Compared : null);
        var elements = ElementsOf(resource[attribute.Name]);
        return (sub is null ? elements : elements.OfType<JsonObject>().SelectMany(element => ElementsOf(element[sub.Name])))
            .Where(value => value is not JsonValue || value.GetValueKind() != JsonValueKind.String || value.GetValue<string>().Length > 0);
    }

    private bool IsEqual(JsonNode value) => Value switch
    {
        bool wanted => ScimValue.Boolean(value) == wanted,
        DateTimeOffset wanted => Moment(value) == wanted,
        string wanted => Text(value) is { } text && text.Equals(wanted, Comparison),
        _ => false,
    };

    private bool Fulfills(JsonNode value) => Operator == ScimOperator.Eq ? IsEqual(value) : Value switch
    {
        DateTimeOffset wanted when Moment(value) is { } moment => IsOrdered(moment.CompareTo(wanted)),
        string wanted when Text(value) is { } text => Operator switch
        {
            ScimOperator.Co => text.Contains(wanted, Comparison),
            ScimOperator.Sw => text.StartsWith(wanted, Comparison),
            ScimOperator.Ew => text.EndsWith(wanted, Comparison),
            _ => IsOrdered(string.Compare(text, wanted, Comparison)),
        },
        _ => false,
    };

    private bool IsOrdered(int order) => Operator switch
    {
        ScimOperator.Gt => order > 0,
        ScimOperator.Ge => order >= 0,
        ScimOperator.Lt => order < 0,
        _ => order <= 0,
    };

    private StringComparison Comparison => Name.Compared is { IsCaseExact: true } ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    private static string? Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static DateTimeOffset? Moment(JsonNode value) =>
        DateTimeOffset.TryParse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
