using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using Portal.Localization;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>A token with its new key, for a file.</summary>
/// <param name="ExpiresAt">When the key expires, UTC; null: never.</param>
public sealed record NewKey(BulkToken Token, ApiKey Key, DateTime? ExpiresAt)
{
    /// <summary>Omits the key.</summary>
    public override string ToString() => $"{Token.Handle} (hidden)";
}

/// <summary>Writes the files of a bulk action. In a spreadsheet, no text of a CSV file is run as a formula.</summary>
internal static class BulkFiles
{
    public const string Csv = "text/csv;charset=utf-8", Json = "application/json";

    private static readonly CsvWriterOptions Harmless = new() { Injection = CsvInjection.Escape };

    // No page includes the file, so nothing in it needs to be escaped for HTML.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] KeysAsCsv(IEnumerable<NewKey> keys) => WriteCsv(csv =>
    {
        csv.WriteHeader("name", "handle", "external_id", "api_key", "expires");
        foreach (var key in keys)
        {
            csv.WriteField(key.Token.Name);
            csv.WriteField(key.Token.Handle);
            csv.WriteField(key.Token.ExternalId ?? "");
            csv.WriteField(key.Key.ToHeaderValue());
            csv.WriteField(Write(key.ExpiresAt) ?? "");
            csv.EndRecord();
        }
    });

    public static byte[] KeysAsJson(IEnumerable<NewKey> keys)
    {
        using var file = new MemoryStream();
        using (var json = new Utf8JsonWriter(file, Readable))
        {
            json.WriteStartArray();
            foreach (var key in keys)
            {
                json.WriteStartObject();
                json.WriteString("name", key.Token.Name);
                json.WriteString("handle", key.Token.Handle);
                json.WriteString("external_id", key.Token.ExternalId);
                json.WriteString("api_key", key.Key.ToHeaderValue());
                json.WriteString("expires", Write(key.ExpiresAt));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return file.ToArray();
    }

    /// <summary>The results, with the headings of the page.</summary>
    public static byte[] Results(IEnumerable<BulkRow> rows) => WriteCsv(csv =>
    {
        csv.WriteHeader(Texts.Token_Name, Texts.Token_Handle, Texts.BulkDialog_Result, Texts.BulkDialog_Message);
        foreach (var row in rows)
        {
            csv.WriteField(row.Token.Name);
            csv.WriteField(row.Token.Handle);
            csv.WriteField(BulkTexts.Describe(row.State));
            csv.WriteField(row.Message);
            csv.EndRecord();
        }
    });

    private static byte[] WriteCsv(Action<CsvWriter> write)
    {
        using var file = new MemoryStream();
        using (var csv = CsvWriter.Create(file, Harmless, leaveOpen: true))
            write(csv);
        return file.ToArray();
    }

    private static string? Write(DateTime? moment) => moment?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
