namespace Portal.Tokens.Search;

/// <summary>A set of token IDs as one bit for each. IDs are numbered from 1 for all accounts together, so that even a million need little memory.</summary>
internal sealed class IdBits
{
    private const int BitsPerWord = 64;

    private ulong[] _bits = new ulong[16];

    public void Add(long id)
    {
        var word = checked((int)(id / BitsPerWord));
        if (word >= _bits.Length)
            Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
        _bits[word] |= 1UL << (int)(id % BitsPerWord);
    }

    public bool Contains(long id) => (ulong)id / BitsPerWord is var word && word < (ulong)_bits.Length && (_bits[word] >> (int)((ulong)id % BitsPerWord) & 1) != 0;
}
