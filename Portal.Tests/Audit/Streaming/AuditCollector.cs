using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Portal.Hosting;
using Portal.Tests.Gateway;

namespace Portal.Tests.Audit.Streaming;

/// <summary>A log record that a collector got.</summary>
internal sealed record ReceivedRecord(DateTime Time, string EventName, string Body)
{
    public JsonElement Event { get; } = JsonDocument.Parse(Body).RootElement;

    public long Id => Event.GetProperty("metadata").GetProperty("sequence").GetInt64();
}

/// <summary>A collector that accepts log records by OTLP/HTTP.</summary>
internal sealed class AuditCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedRecord> _records = new();
    private TestUpstream _server = null!;

    public string Address => _server.Address;

    /// <summary>What it has confirmed or, if it failed afterwards, only received.</summary>
    public IReadOnlyList<ReceivedRecord> Records => [.. _records];

    public IEnumerable<long> Ids => _records.Select(record => record.Id);

    /// <summary>The bytes of the last message as text, one character each.</summary>
    public string LastMessage { get; private set; } = "";

    /// <summary>The number of messages, refused ones included.</summary>
    public int Messages { get; private set; }

    /// <summary>What is answered before a message is read; 200 to accept it.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Runs after a message was read, before the answer.</summary>
    public Func<HttpContext, Task>? BeforeAnswer { get; set; }

    public static async Task<AuditCollector> StartAsync(string? address = null)
    {
        var collector = new AuditCollector();
        collector._server = await TestUpstream.StartAsync(collector.TakeAsync, address: address);
        return collector;
    }

    /// <summary>Creates what sends to this collector.</summary>
    public OtlpAuditReceiver CreateReceiver(TimeSpan? patience = null) => new(
        Options.Create(new TelemetryOptions { Otlp = new() { Endpoint = Address, Protocol = OtlpProtocol.HttpProtobuf } }), patience);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        Messages++;
        if (Status != StatusCodes.Status200OK)
        {
            context.Response.StatusCode = Status;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        LastMessage = Encoding.Latin1.GetString(body.ToArray());
        foreach (var record in ReadAll(body.ToArray(), 1, 2, 2))
            _records.Enqueue(ReadRecord(record));
        if (BeforeAnswer is { } wait)
            await wait(context);
        context.Response.ContentType = context.Request.ContentType;
    }

    /// <summary>Reads the messages at the end of a path of fields.</summary>
    private static IEnumerable<byte[]> ReadAll(byte[] message, params int[] path) => path.Length == 0
        ? [message]
        : Fields(message).Where(field => field.Number == path[0]).SelectMany(field => ReadAll(field.Bytes, path[1..]));

    private static ReceivedRecord ReadRecord(byte[] record)
    {
        var fields = Fields(record).ToLookup(field => field.Number, field => field.Bytes);
        var nanoseconds = BinaryPrimitives.ReadUInt64LittleEndian(fields[1].Single());
        return new ReceivedRecord(
            DateTime.UnixEpoch.AddTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick)), Encoding.UTF8.GetString(fields[12].Single()), Encoding.UTF8.GetString(ReadAll(record, 5, 1).Single()));
    }

    /// <summary>Reads the fields of a Protocol Buffers message.</summary>
    private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (int)(tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => (int)Varint(message, ref at) };
            if ((tag & 7) == 0)
                Varint(message, ref at);
            yield return ((int)(tag >> 3), message[at..(at + length)]);
            at += length;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        do
        {
            value |= (message[at] & 0x7FUL) << shift;
            shift += 7;
        }
        while ((message[at++] & 0x80) != 0);
        return value;
    }
}
