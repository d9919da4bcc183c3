using System.Text.Json.Nodes;

namespace Portal.Tests.Api.Contract;

/// <summary>A comparable description of one item of a document: a type, and marks such as <c>nullable</c> or <c>format=date-time</c>.</summary>
internal sealed record Fact(string Type, IReadOnlySet<string> Marks)
{
    public string? ValueOf(string mark) => Marks.FirstOrDefault(one => one.StartsWith(mark + '=', StringComparison.Ordinal))?[(mark.Length + 1)..];

    public IReadOnlySet<string> ValuesOf(string mark) => ValueOf(mark)?.Split(',').ToHashSet() ?? [];
}

/// <summary>The facts of documents by name, such as <c>GET /modules 200 body[].name</c>.</summary>
internal static class Facts
{
    /// <summary>Reads a file of facts: an operation starts a line, and its facts are indented.</summary>
    public static Dictionary<string, Fact> OfFile(string path)
    {
        Dictionary<string, Fact> facts = [];
        var operation = "";
        foreach (var line in File.ReadLines(path))
        {
            var (name, marks) = line.Split(" : ") is [var left, var right] ? (left, right.Split(' ')) : (line, []);
            if (!name.StartsWith(' '))
                operation = name;
            var full = name.StartsWith(' ') ? $"{operation} {name.Trim()}" : name;
            facts.Add(
                full, marks is [var type, ..] && !type.Contains('=') ? new Fact(type, marks.Skip(1).ToHashSet()) : new Fact("", marks.ToHashSet()));
        }

        return facts;
    }

    /// <summary>Reads the facts of a served document.</summary>
    public static Dictionary<string, Fact> Of(ServedApi api)
    {
        Dictionary<string, Fact> facts = [];
        foreach (var operation in api.Operations)
            AddOperation(facts, api, operation);
        foreach (var (name, scheme) in api.Document["components"]!["securitySchemes"]!.AsObject())
            facts.Add($"SECURITY {name}", new Fact(
                Text(scheme, "type")!, new HashSet<string> { $"in={Text(scheme, "in")}", $"name={Text(scheme, "name")}" }));
        return facts;
    }

    private static void AddOperation(Dictionary<string, Fact> facts, ServedApi api, ServedOperation operation)
    {
        var tag = operation.Node["tags"]![0]!.GetValue<string>().Replace(' ', '_');
        facts.Add(operation.Name, new Fact("", new HashSet<string> { $"operation={operation.Id}", $"tag={tag}" }));
        foreach (var parameter in operation.Parameters)
            AddParameter(facts, api, $"{operation.Name} {Text(parameter, "in")} {Text(parameter, "name")}", parameter);
        if (operation.Request is { } request)
            AddSchema(facts, api, $"{operation.Name} body", request["schema"]!, isRequired: false);
        foreach (var (status, answer) in operation.Node["responses"]!.AsObject())
        {
            var (name, resolved) = ($"{operation.Name} {status}", api.Resolve(answer));
            var schema = resolved["content"]?["application/json"]?["schema"];
            var isError = schema is not null && Text(schema, "$ref") == "#/components/schemas/Error";
            facts.Add(isError ? name + " error" : name, new Fact("", new HashSet<string>()));
            foreach (var (header, value) in resolved["headers"]?.AsObject() ?? [])
                AddSchema(facts, api, $"{name} header {header}", api.Resolve(value)["schema"]!, isRequired: false);
            if (schema is not null && !isError)
                AddSchema(facts, api, $"{name} body", schema, isRequired: false);
        }
    }

    private static void AddParameter(Dictionary<string, Fact> facts, ServedApi api, string name, JsonObject parameter)
    {
        AddSchema(facts, api, name, parameter["schema"]!, parameter["required"]?.GetValue<bool>() ?? false);
        HashSet<string> marks = [.. facts[name].Marks];
        if (parameter["x-lookups"] is JsonArray lookups)
            marks.Add("lookups=" + string.Join(',', lookups.Select(lookup => lookup!.GetValue<string>())));
        foreach (var (field, mark) in new[] { ("x-ordering", "ordering=true"), ("x-search", "search=true") })
            if (parameter[field]?.GetValue<bool>() == true)
                marks.Add(mark);
        facts[name] = facts[name] with { Marks = marks };
    }

    private static void AddSchema(Dictionary<string, Fact> facts, ServedApi api, string name, JsonNode schema, bool isRequired)
    {
        HashSet<string> marks = [];
        if (isRequired)
            marks.Add("required");
        // Null or an object; or an object, and in some cases a list of them.
        if (schema["oneOf"] is JsonArray alternatives)
        {
            if (alternatives.Any(one => Text(one, "type") == "null"))
                marks.Add("nullable");
            schema = alternatives.First(one => Text(one, "type") != "null")!;
        }

        var resolved = api.Resolve(schema);
        List<string> types = resolved["type"] is JsonArray several ? [.. several.Select(type => type!.GetValue<string>())] : [Text(resolved, "type")!];
        if (types.Remove("null"))
            marks.Add("nullable");
        foreach (var mark in new[] { "format", "maxLength" })
            if (resolved[mark] is { } value)
                marks.Add($"{mark}={value}");
        foreach (var mark in new[] { "readOnly", "writeOnly" })
            if ((schema[mark] ?? resolved[mark])?.GetValue<bool>() == true)
                marks.Add(mark);
        if (resolved["enum"] is JsonArray values)
            marks.Add("enum=" + string.Join(',', values.Select(value => value!.GetValue<string>())));
        facts.Add(name, new Fact(Assert.Single(types), marks));
        HashSet<string> required = [.. (resolved["required"]?.AsArray() ?? []).Select(field => field!.GetValue<string>())];
        foreach (var (field, value) in resolved["properties"]?.AsObject() ?? [])
            AddSchema(facts, api, $"{name}.{field}", value!, required.Contains(field));
        if (resolved["items"] is { } items)
            AddSchema(facts, api, name + "[]", items, isRequired: false);
    }

    private static string? Text(JsonNode? node, string name) => node![name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
