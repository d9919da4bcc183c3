using System.Collections.Frozen;
using System.Text.Json;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway.Sandbox;

/// <summary>The samples of one path as JSON. They are created once and are the same at every start.</summary>
internal sealed class SampleCollection
{
    private const int Size = 12;
    private readonly byte[][] _samples;
    private readonly byte[] _all;
    private readonly FrozenDictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _byId;

    private SampleCollection(string path, IReadOnlyList<Sample> samples)
    {
        Path = path;
        _samples = [.. samples.Select(sample => JsonSerializer.SerializeToUtf8Bytes(sample.Fields))];
        _all = Join(_samples);
        _byId = samples.Zip(_samples).ToFrozenDictionary(pair => pair.First.Id, pair => pair.Second, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The path of the list, from the root.</summary>
    public string Path { get; }
    public int Count => _samples.Length;

    public static SampleCollection For(Module module, string path) =>
        new(ApiKeyMiddleware.BasePath + path, [.. Enumerable.Range(0, Size).Select(SampleShape.For(module, path).Make)]);

    /// <summary>Returns a part of the list as a JSON array.</summary>
    public byte[] Page(Range range) =>
        range.GetOffsetAndLength(Count) == (0, Count) ? _all : Join(_samples[range]);

    public bool TryFind(ReadOnlySpan<char> id, out byte[] sample) => _byId.TryGetValue(id, out sample!);

    private static byte[] Join(byte[][] samples)
    {
        using var json = new MemoryStream();
        json.WriteByte((byte)'[');
        for (var i = 0; i < samples.Length; i++)
        {
            if (i > 0)
                json.WriteByte((byte)',');
            json.Write(samples[i]);
        }

        json.WriteByte((byte)']');
        return json.ToArray();
    }
}
