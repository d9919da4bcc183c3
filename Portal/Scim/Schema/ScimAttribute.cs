namespace Portal.Scim.Schema;

internal enum ScimType
{
    String,
    Boolean,
    Complex,
    DateTime,
    Reference,
}

/// <summary>An attribute of a resource (RFC 7643, section 2).</summary>
internal sealed record ScimAttribute(string Name, ScimType Type, string Description)
{
    public bool IsMultiValued { get; init; }
    public bool IsRequired { get; init; }
    public bool IsCaseExact { get; init; }

    /// <summary>Whether clients can't set it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether the values of this attribute are unique.</summary>
    public bool IsUnique { get; init; }

    /// <summary>Whether it is part of every response, whatever the client asks for.</summary>
    public bool IsAlwaysReturned { get; init; }

    public IReadOnlyList<ScimAttribute> SubAttributes { get; init; } = [];

    /// <summary>What a reference refers to.</summary>
    public IReadOnlyList<string> ReferenceTypes { get; init; } = [];

    /// <summary>Names of sub-attributes of the standard that Portal accepts and doesn't store.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    public ScimAttribute? Find(string name) => SubAttributes.FirstOrDefault(sub => sub.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The attributes of a type of resources.</summary>
/// <param name="Id">The URN of the schema.</param>
/// <param name="Ignored">Names of attributes of the standard that Portal accepts and doesn't store.</param>
internal sealed record ScimSchema(string Id, string Name, string Description, IReadOnlyList<ScimAttribute> Attributes, IReadOnlyList<string> Ignored)
{
    /// <summary>Finds an attribute, including those that every resource has.</summary>
    public ScimAttribute? Find(string name) =>
        Attributes.Concat(ScimSchemas.Common).FirstOrDefault(attribute => attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
