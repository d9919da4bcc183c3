using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Commands;

/// <summary>The options that every command has.</summary>
internal sealed class CommonOptions
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public const string DataDirectoryName = "--data-directory";

    public Option<string?> DataDirectory { get; } = new(DataDirectoryName)
    {
        Description = "The data directory. Default: the setting Portal:DataDirectory.", HelpName = "folder", Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON.", Recursive = true };

    /// <summary>Prints the result of a command.</summary>
    /// <param name="lines">The same for people.</param>
    public void Print<T>(ParseResult parsed, T result, IEnumerable<string> lines)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Json))
            output.WriteLine(JsonSerializer.Serialize(result, Format));
        else
            foreach (var line in lines)
                output.WriteLine(line);
    }
}
