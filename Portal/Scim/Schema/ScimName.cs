using System.Diagnostics.CodeAnalysis;

namespace Portal.Scim.Schema;

/// <summary>The name of an attribute in a filter or a path, such as <c>name.givenName</c>, with or without the URN of its schema.</summary>
/// <param name="Attribute">Null: an attribute that Portal accepts and doesn't store. It never has a value.</param>
/// <param name="Sub">Null: the attribute as a whole.</param>
internal sealed record ScimName(ScimAttribute? Attribute, ScimAttribute? Sub)
{
    private static readonly ScimName NotStored = new(null, null);

    /// <summary>The attribute whose values the name stands for: of a complex attribute with several values, <c>value</c>.</summary>
    public ScimAttribute? Compared => Sub ?? (Attribute is { IsMultiValued: true, Type: ScimType.Complex } ? Attribute.Find("value") : Attribute);

    public static bool TryResolve(string text, ScimSchema schema, [NotNullWhen(true)] out ScimName? name)
    {
        name = NotStored;
        if (text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
        {
            if (!text.StartsWith(schema.Id + ":", StringComparison.OrdinalIgnoreCase))
                return true; // An extension.
            text = text[(schema.Id.Length + 1)..];
        }

        if (text.Split('.', 2) is not [{ Length: > 0 } first, .. var rest] || schema.Find(first) is not { } attribute)
            return schema.Ignored.Contains(text.Split('.')[0], StringComparer.OrdinalIgnoreCase);
        return TryResolveSub(attribute, rest is [var sub] ? sub : null, out name);
    }

    /// <param name="sub">Null: the attribute as a whole.</param>
    public static bool TryResolveSub(ScimAttribute attribute, string? sub, [NotNullWhen(true)] out ScimName? name)
    {
        name = new ScimName(attribute, null);
        if (sub is null)
            return true;
        name = attribute.Find(sub) is { } found ? new ScimName(attribute, found) : NotStored;
        return name != NotStored || attribute.Ignored.Contains(sub, StringComparer.OrdinalIgnoreCase);
    }
}
