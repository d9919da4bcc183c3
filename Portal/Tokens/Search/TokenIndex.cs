using System.Text;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Search;

/// <summary>What an account's tokens can be found by, in memory: a word is found in a million tokens in some milliseconds, however many contain it.</summary>
/// <remarks>Rows are in order of age and keep their number. Thread-safe.</remarks>
internal sealed partial class TokenIndex : IDisposable
{
    private const int LeastWaste = 1 << 20;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly List<TextChunk> _chunks = [];
    private readonly List<string> _extensions = [];
    private long[] _ids = [], _created = [], _expires = [], _previousEnds = [];
    private int[] _places = [];
    private byte[] _statuses = [];
    private ulong[] _deleted = [], _allModules = [], _gone = [];
    private UInt128[] _modules = [];
    private short[] _extensionOf = [];
    private int[] _ownerOf = [];
    private int _count;
    private long _bytes, _wasted;

    /// <summary>Whether the IDs are in order of age, too.</summary>
    private bool _idsAscend = true;

    /// <summary>The <see cref="TokenTotals.Version"/> that it contains at least.</summary>
    public long Version { get; set; }

    /// <summary>The <see cref="TokenTotals.Removed"/> that it contains at least.</summary>
    public long Removed { get; set; }

    /// <summary>Whether so much text was replaced that reading everything again is better.</summary>
    public bool IsWorn => _wasted > LeastWaste && _wasted > _bytes / 4;

    public int Count => _count;

    public void Dispose() => _lock.Dispose();

    /// <summary>Adds tokens, or replaces what is known of them.</summary>
    /// <returns>False: a new token is older than known ones, so that all must be read again.</returns>
    public bool TryApply(IEnumerable<IndexedToken> tokens)
    {
        _lock.EnterWriteLock();
        try
        {
            foreach (var token in tokens)
                if (!TryApply(token))
                    return false;
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Returns the IDs of deleted tokens, except some.</summary>
    public IReadOnlyList<long> DeletedExcept(IdBits known)
    {
        _lock.EnterReadLock();
        try
        {
            var found = new List<long>();
            for (var row = 0; row < _count; row++)
                if (IsDeleted(row) && !TokenSet.Has(_gone, row) && !known.Contains(_ids[row]))
                    found.Add(_ids[row]);
            return found;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Forgets tokens whose rows were removed.</summary>
    public void Remove(IReadOnlySet<long> ids)
    {
        _lock.EnterWriteLock();
        try
        {
            for (var row = 0; row < _count; row++)
                if (!TokenSet.Has(_gone, row) && ids.Contains(_ids[row]))
                {
                    TokenSet.Set(_gone, row, true);
                    RemoveText(row);
                }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Adds a token to an index that nobody reads yet.</summary>
    /// <param name="token">The next one in order of age. An older one, which was created meanwhile, is left out: the next update reads it.</param>
    public void Add(IndexedToken token) => TryApply(token);

    /// <summary>Finds the tokens that contain all words and have the properties.</summary>
    public TokenSet Find(TokenSearch search)
    {
        var words = search.Words.Select(Encoding.UTF8.GetBytes).ToArray();
        _lock.EnterReadLock();
        try
        {
            var extension = search.ExtensionId is null ? -1 : _extensions.IndexOf(search.ExtensionId);
            var found = words.Length == 0 ? TokenSet.Full(_count) : TokenSet.Empty(_count);
            if (words.Length > 0)
                foreach (var chunk in _chunks)
                    chunk.Find(words, found);
            for (var i = 0; i < found.Length; i++)
                found[i] &= ~_gone[i] & search.Deleted switch { DeletedTokens.Only => _deleted[i], DeletedTokens.LeftOut => ~_deleted[i], _ => ulong.MaxValue };
            if (search.HasProperties)
                return new TokenSet(this, _ids, found).Only(row => HasProperties(row, search, extension));
            return new TokenSet(this, _ids, found);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    private bool HasProperties(int row, TokenSearch search, int extension) =>
        (search.ExtensionId is null || _extensionOf[row] == extension)
        && search.Owners?.Contains(_ownerOf[row]) is not false
        && (search.Status is null || StatusOf(row, search.Clock) == search.Status)
        && (search.Module is not { } module || TokenSet.Has(_allModules, row) || (_modules[row] >> module & UInt128.One) != UInt128.Zero)
        && (search.Use is not { } use || (use.WasUsed
            ? use.Tokens.Before.Contains(_ids[row])
            : !IsDeleted(row) && use.Tokens.IsIdle(_ids[row], new DateTime(_created[row], DateTimeKind.Utc))))
        && search.Except?.Contains(_ids[row]) is not true
        && (!search.Working || (_statuses[row] == (byte)StoredStatus.Active
            && (_expires[row] > search.Clock.Now.Ticks || _previousEnds[row] > search.Clock.Now.Ticks)))
        && (!search.Expiring || (!IsDeleted(row) && _expires[row] > search.Clock.Now.Ticks && _expires[row] <= search.Clock.ExpiringBefore.Ticks));

    private bool IsDeleted(int row) => TokenSet.Has(_deleted, row);

    private TokenStatus StatusOf(int row, StatusClock clock) => clock.Of((StoredStatus)_statuses[row], _expires[row], _previousEnds[row]);

    private bool TryApply(IndexedToken token)
    {
        var row = FindRow(token);
        if (row == _count)
            Append(token);
        else if (row >= 0)
            RemoveText(row);
        else
            return false;
        _statuses[row] = (byte)token.Status;
        TokenSet.Set(_deleted, row, token.IsDeleted);
        TokenSet.Set(_allModules, row, token.AllModules);
        _modules[row] = token.Modules;
        _ownerOf[row] = token.OwnerId;
        (_expires[row], _previousEnds[row]) = (token.ExpiresAt?.Ticks ?? long.MaxValue, token.PreviousEndsAt?.Ticks ?? 0);
        _places[row] = AddText(token.Text, row);
        return true;
    }

    /// <returns>The row of a known token; the number of rows for a new one; -1 for one that belongs between known ones.</returns>
    private int FindRow(IndexedToken token)
    {
        var created = token.CreatedAt.Ticks;
        if (_count == 0 || (created, token.Id).CompareTo((_created[_count - 1], _ids[_count - 1])) > 0)
            return _count;
        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if ((_created[middle], _ids[middle]).CompareTo((created, token.Id)) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return _ids[low] == token.Id ? low : -1;
    }

    private void Append(IndexedToken token)
    {
        if (_count == _ids.Length)
            Grow(Math.Max(16, _count + (_count / 2)));
        if (_count > 0 && token.Id < _ids[_count - 1])
            _idsAscend = false;
        var extension = _extensions.IndexOf(token.ExtensionId);
        if (extension < 0)
        {
            extension = _extensions.Count;
            _extensions.Add(token.ExtensionId);
        }

        (_ids[_count], _created[_count], _extensionOf[_count]) = (token.Id, token.CreatedAt.Ticks, checked((short)extension));
        _count++;
    }

    private void Grow(int size)
    {
        // Found sets keep the former arrays, whose rows don't change.
        Array.Resize(ref _ids, size);
        Array.Resize(ref _created, size);
        Array.Resize(ref _expires, size);
        Array.Resize(ref _previousEnds, size);
        Array.Resize(ref _places, size);
        Array.Resize(ref _statuses, size);
        Array.Resize(ref _deleted, TokenSet.Empty(size).Length);
        Array.Resize(ref _allModules, _deleted.Length);
        Array.Resize(ref _gone, _deleted.Length);
        Array.Resize(ref _modules, size);
        Array.Resize(ref _extensionOf, size);
        Array.Resize(ref _ownerOf, size);
    }

    private int AddText(string text, int row)
    {
        Span<byte> buffer = stackalloc byte[2048];
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = length <= buffer.Length ? buffer[..length] : new byte[length];
        Encoding.UTF8.GetBytes(text, bytes);
        _bytes += length;
        var place = _chunks.Count == 0 ? -1 : _chunks[^1].TryAdd(bytes, row);
        if (place < 0)
        {
            _chunks.Add(new TextChunk(length));
            place = _chunks[^1].TryAdd(bytes, row);
        }

        return ((_chunks.Count - 1) * TextChunk.MostPlaces) + place;
    }

    private void RemoveText(int row)
    {
        var (at, place) = Math.DivRem(_places[row], TextChunk.MostPlaces);
        var chunk = _chunks[at];
        var before = chunk.Wasted;
        chunk.Remove(place);
        _wasted += chunk.Wasted - before;
    }
}
