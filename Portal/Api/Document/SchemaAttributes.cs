using System.Text.Json;

namespace Portal.Api.Document;

/// <summary>The name of a body's schema in the API's document; without it, that of the type less <c>Body</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SchemaNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The text is one of some names.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class OneOfAttribute : Attribute
{
    public abstract IEnumerable<string> Names { get; }
}

/// <summary>The text is one of an enum's names, in lower case, with hyphens between words.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameOfAttribute(Type type) : OneOfAttribute
{
    public Type Type => type;

    public override IEnumerable<string> Names => Enum.GetNames(type).Select(name => JsonNamingPolicy.KebabCaseLower.ConvertName(name));
}

/// <summary>The format of a text, where its type does not say it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FormatAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The field is taken and never answered.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WriteOnlyAttribute : Attribute;
