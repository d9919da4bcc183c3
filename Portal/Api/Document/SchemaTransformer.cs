using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>Adds to schemas which fields are always returned, are never null, or can only be read or
/// written, because the types don't express it.</summary>
internal sealed class SchemaTransformer : IOpenApiSchemaTransformer
{
    /// <summary>The extension that makes the framework write "null or a reference" for a field with a named schema.</summary>
    private const string NullableReference = "x-is-nullable-property";

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { AttributeProvider: { } property })
            DescribeProperty(schema, property);
        else if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
            DescribeObject(schema, context.JsonTypeInfo);
        return Task.CompletedTask;
    }

    /// <summary>The name of a type's schema; null: the schema is inlined.</summary>
    public static string? NameOf(JsonTypeInfo type) => type.Kind != JsonTypeInfoKind.Object
        ? null
        : type.Type.GetCustomAttribute<SchemaNameAttribute>()?.Name
            ?? (IsAnswer(type.Type) ? type.Type.Name[..^"Body".Length] : OpenApiOptions.CreateDefaultSchemaReferenceId(type));

    /// <summary>Whether the type is the body of a response. Its schema is then named after it.</summary>
    private static bool IsAnswer(Type type) => type.Name.EndsWith("Body", StringComparison.Ordinal);

    private static void DescribeObject(OpenApiSchema schema, JsonTypeInfo type)
    {
        if (!IsAnswer(type.Type))
            return;
        // Every field is written, except those that are omitted when they are null.
        schema.Required = type.Properties.Where(property => !IsLeftOut(property.AttributeProvider!)).Select(property => property.Name).ToHashSet();
    }

    private static void DescribeProperty(OpenApiSchema schema, ICustomAttributeProvider property)
    {
        DescribeNumber(schema);
        // The framework writes no schema for the items of an untyped list, but client generators require one.
        if (schema.Type is { } list && list.HasFlag(JsonSchemaType.Array))
        {
            schema.Items ??= new OpenApiSchema();
            if (schema.Items is OpenApiSchema items)
                DescribeNumber(items);
        }

        if (IsLeftOut(property))
        {
            schema.Type &= ~JsonSchemaType.Null;
            schema.Metadata?.Remove(NullableReference);
        }

        schema.ReadOnly |= Has<ReadOnlyAttribute>(property);
        schema.WriteOnly |= Has<WriteOnlyAttribute>(property);
        if (Find<OneOfAttribute>(property) is { } names)
            schema.Enum = [.. names.Names.Select(name => (JsonNode)name)];
        if (Find<AllowedValuesAttribute>(property) is { } allowed)
            schema.Enum = [.. allowed.Values.OfType<string>().Select(value => (JsonNode)value)];
        schema.Format = Find<FormatAttribute>(property)?.Name ?? schema.Format;
    }

    /// <summary>The framework allows numbers as text, but all of these are written as numbers.</summary>
    private static void DescribeNumber(OpenApiSchema schema)
    {
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Integer))
            (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);
    }

    private static bool IsLeftOut(ICustomAttributeProvider property) =>
        Find<JsonIgnoreAttribute>(property) is { Condition: JsonIgnoreCondition.WhenWritingNull };

    private static bool Has<T>(ICustomAttributeProvider property) where T : Attribute => Find<T>(property) is not null;

    private static T? Find<T>(ICustomAttributeProvider property) where T : Attribute =>
        property.GetCustomAttributes(typeof(T), inherit: false).OfType<T>().FirstOrDefault();
}
