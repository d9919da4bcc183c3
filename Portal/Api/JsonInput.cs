using System.Text.Json;
using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api;

/// <summary>The JSON object that a client sent, read field by field. Errors are collected, so that the response can list all of them:
/// read every field, then check <see cref="Refusal"/>.</summary>
/// <remarks>Fields that aren't read are ignored, because clients may send back whole objects that they received.</remarks>
internal sealed class JsonInput
{
    private const int Deepest = 16, MostNumbers = 100;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    private readonly JsonElement _fields;
    private readonly string _path;
    private readonly List<string> _faults;
    private readonly Refusal? _unreadable;

    private JsonInput(JsonElement fields, string path, List<string> faults) => (_fields, _path, _faults) = (fields, path, faults);

    /// <summary>A body that can't be read. Missing fields are then not reported.</summary>
    private JsonInput(string fault, int status = StatusCodes.Status400BadRequest) : this(default, "", []) =>
        _unreadable = new Refusal(status, ErrorCodes.Invalid, fault);

    private JsonInput(Refusal unreadable) : this(default, "", []) => _unreadable = unreadable;

    /// <summary>The refusal; null: no errors so far.</summary>
    public Refusal? Refusal => _unreadable
        ?? (_faults.Count == 0 ? null : new Refusal(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. _faults]));

    /// <summary>Whether the value isn't an object. The error is already recorded.</summary>
    public bool IsNotObject => _fields.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined);

    /// <summary>A request without a body has no fields.</summary>
    /// <exception cref="BadHttpRequestException">The body is too large or ends early. The middleware answers this.</exception>
    public static async Task<JsonInput> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (body, refusal) = await RequestBody.ReadAsync(request, cancellation);
        if (refusal is not null)
            return new JsonInput(refusal);
        if (body.Length == 0)
            return new JsonInput(default, "", []);
        var text = JsonText.WithoutMark(body.GetBuffer().AsMemory(0, (int)body.Length));
        if (JsonText.FaultOf(request, text.Span) is { } unsupported)
            return new JsonInput(unsupported, StatusCodes.Status415UnsupportedMediaType);
        try
        {
            using var json = JsonDocument.Parse(text, Strict);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonInput(json.RootElement.Clone(), "", [])
                : new JsonInput("The body must be a JSON object: {\"name\": \"…\"}.");
        }
        catch (JsonException exception)
        {
            return new JsonInput(JsonText.DepthOf(text.Span) > Deepest
                ? $"The body is nested too deeply. The limit is {Deepest} levels."
                : exception.LineNumber is { } line
                ? $"The body is not valid JSON. The error is in line {line + 1}, at byte {exception.BytePositionInLine + 1}."
                : "The body is not valid JSON, or contains a field twice.");
        }
        catch (InvalidOperationException)
        {
            return new JsonInput("The name of a field is not valid text. It must be UTF-8 without unpaired surrogates.");
        }
    }

    /// <summary>Whether the request has no body.</summary>
    public bool IsEmpty => _fields.ValueKind == JsonValueKind.Undefined && _unreadable is null;

    /// <summary>Whether the field exists, even if it is null.</summary>
    public bool Has(string name) => Find(name).ValueKind != JsonValueKind.Undefined;

    /// <summary>Whether the field exists and isn't null.</summary>
    public bool Sets(string name) => FindSet(name).ValueKind != JsonValueKind.Undefined;

    /// <summary>Reads a text; null: the field is missing, null, or not a text, which is recorded as an error.</summary>
    /// <param name="nullable">Whether null is allowed.</param>
    public string? Text(string name, bool nullable = false)
    {
        var value = Find(name);
        if (value.ValueKind == JsonValueKind.Undefined || (nullable && value.ValueKind == JsonValueKind.Null))
            return null;
        if (value.ValueKind != JsonValueKind.String)
            Fault(name, nullable ? "must be a text or null." : "must be a text.");
        else if (TextOf(value) is { } text)
            return text;
        else
            Fault(name, "is not valid text. It must be UTF-8 without unpaired surrogates.");
        return null;
    }

    /// <summary>Reads a list of texts; empty if the field is missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        var value = Find(name);
        var texts = new List<string>();
        if (value.ValueKind == JsonValueKind.Array)
            foreach (var entry in value.EnumerateArray())
            {
                if (entry.ValueKind != JsonValueKind.String || TextOf(entry) is not { } text)
                {
                    // Report only the first error: there may be thousands.
                    Fault($"{name}[{texts.Count}]", "must be a text.");
                    return [];
                }

                texts.Add(text);
            }
        else if (value.ValueKind != JsonValueKind.Undefined)
            Fault(name, "must be a list.");
        return texts;
    }

    /// <summary>Reads a list of whole numbers; empty if the field is missing or null.</summary>
    public IReadOnlyList<int> Numbers(string name)
    {
        var value = FindSet(name);
        var numbers = new List<int>();
        if (value.ValueKind == JsonValueKind.Array)
            foreach (var entry in value.EnumerateArray())
            {
                if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetInt32(out var number) || number < 0 || numbers.Count == MostNumbers)
                {
                    // Report only the first error: there may be thousands.
                    Fault($"{name}[{numbers.Count}]", numbers.Count == MostNumbers ? $"is one too many. Send at most {MostNumbers}." : "must be a whole number from 0.");
                    return [];
                }

                numbers.Add(number);
            }
        else if (value.ValueKind != JsonValueKind.Undefined)
            Fault(name, "must be a list of whole numbers, or null.");
        return numbers;
    }

    /// <summary>Reads an ISO 8601 time with a UTC offset, as UTC; null: missing, or invalid, which is recorded as an error. Truncated to
    /// microseconds, the precision that many languages use when they read it again.</summary>
    public DateTime? Moment(string name)
    {
        if (Text(name, nullable: true) is not { } text)
            return null;
        if (RqlValues.Moment(text) is { } moment)
            return new DateTime(moment.Ticks - (moment.Ticks % TimeSpan.TicksPerMicrosecond), moment.Kind);
        Fault(name, "must be a date and time such as 2030-01-15T12:00:00+00:00, or null.");
        return null;
    }

    /// <summary>Reads an ISO 8601 duration without years and months; null: missing, or invalid, which is recorded as an error.</summary>
    public TimeSpan? Duration(string name)
    {
        if (Text(name, nullable: true) is not { } text)
            return null;
        if (IsoDuration.Parse(text) is { } duration)
            return duration;
        Fault(name, "must be a duration such as PT24H, P7D or P1DT12H: whole weeks, or whole days, hours, minutes and seconds.");
        return null;
    }

    /// <summary>Reads a nested object. It has no fields if it is missing, or null, which many clients write for fields that they don't set.</summary>
    public JsonInput Object(string name) => Within(FindSet(name), name);

    /// <summary>Reads a list of objects; empty if the field is missing or null.</summary>
    public IReadOnlyList<JsonInput> Objects(string name)
    {
        var value = FindSet(name);
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select((entry, index) => Within(entry, $"{name}[{index}]"))];
        if (value.ValueKind != JsonValueKind.Undefined)
            Fault(name, "must be a list.");
        return [];
    }

    /// <summary>Whether the object itself exists.</summary>
    public bool IsSet => _fields.ValueKind == JsonValueKind.Object;

    /// <param name="name">The field; empty: the object itself.</param>
    public void Fault(string name, string message) => _faults.Add($"{(name.Length == 0 ? _path.TrimEnd('.') : _path + name)}: {message}");

    /// <summary>Records an error of the whole body.</summary>
    public void Fault(string message) => _faults.Add(message);

    private JsonInput Within(JsonElement value, string name)
    {
        var within = new JsonInput(value, $"{_path}{name}.", _faults);
        if (within.IsNotObject)
            Fault(name, "must be an object.");
        return within;
    }

    private JsonElement FindSet(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value ? value : default;

    /// <summary>Decodes a text; null: it contains an unpaired surrogate.</summary>
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private JsonElement Find(string name) =>
        _fields.ValueKind == JsonValueKind.Object && _fields.TryGetProperty(name, out var value) ? value : default;
}
