using Portal.Scim.Schema;

namespace Portal.Scim.Filters;

/// <summary>The target of a PATCH operation.</summary>
/// <param name="Attribute">Null: an attribute that Portal accepts and doesn't store.</param>
/// <param name="Filter">Selects elements of an attribute with several values; null: all.</param>
/// <param name="Sub">Null: the attribute or its elements as a whole.</param>
internal sealed record ScimPath(ScimAttribute? Attribute, ScimFilter? Filter, ScimAttribute? Sub)
{
    /// <exception cref="ScimException">The path is invalid.</exception>
    public static ScimPath Parse(string text, ScimSchema schema) =>
        ScimFilterParser.TryParsePath(text, schema, out var path, out var error) ? path : throw ScimException.InvalidPath(error);
}
