using System.Text.Json;

namespace Portal.Api.Document;

/// <summary>Sets the name of a body's schema in the OpenAPI document. The default is the name of the type without <c>Body</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SchemaNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>Restricts the text to a set of names.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class OneOfAttribute : Attribute
{
    public abstract IEnumerable<string> Names { get; }
}

/// <summary>Restricts the text to the names of an enum, in lower case, with hyphens between words.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameOfAttribute(Type type) : OneOfAttribute
{
    public Type Type => type;

    public override IEnumerable<string> Names => Enum.GetNames(type).Select(name => JsonNamingPolicy.KebabCaseLower.ConvertName(name));
}

/// <summary>Sets the format of a text, if its type doesn't imply it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FormatAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The field is accepted in requests and never returned.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WriteOnlyAttribute : Attribute;
