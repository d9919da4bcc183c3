using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;

namespace Portal.Bench.Parts;

/// <param name="Nanoseconds">The processor time of a request.</param>
/// <param name="Bytes">The memory allocated for a request.</param>
internal sealed record Cost(double Nanoseconds, double Bytes);

/// <summary>Sends one request after the other over a connection within the process.</summary>
internal sealed class RequestCost(IDuplexPipe connection, string path, string? key)
{
    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();

    private readonly byte[] _request = Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:80\r\n{(key is null ? "" : $"Authorization: {key}\r\n")}\r\n");

    /// <summary>The response to one request, in bytes.</summary>
    public async Task<string> SendAsync()
    {
        await connection.Output.WriteAsync(_request);
        while (true)
        {
            var read = await connection.Input.ReadAsync();
            var text = Encoding.UTF8.GetString(read.Buffer.ToArray());
            var whole = LengthOf(text) is { } length && text.Length >= length;
            connection.Input.AdvanceTo(whole ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (whole)
                return text;
        }
    }

    /// <param name="length">The length of each response.</param>
    public async Task<Cost> MeasureAsync(int requests, long length)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var time = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < requests; i++)
        {
            await connection.Output.WriteAsync(_request);
            for (var rest = length; rest > 0;)
            {
                var read = await connection.Input.ReadAsync();
                rest -= read.Buffer.Length;
                connection.Input.AdvanceTo(read.Buffer.End);
            }
        }

        using var process = Process.GetCurrentProcess();
        return new Cost(
            (process.TotalProcessorTime - time).TotalNanoseconds / requests, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)requests);
    }

    private static int? LengthOf(string response)
    {
        var headers = response.IndexOf(Encoding.ASCII.GetString(EndOfHeaders), StringComparison.Ordinal);
        if (headers < 0)
            return null;
        const string Name = "Content-Length: ";
        var at = response.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        return headers + EndOfHeaders.Length + int.Parse(response.AsSpan(at, response.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture);
    }
}
