using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary>Which header fields a test looks at: of the message or of MIME parts (RFC 5703 §4), all or one of them (RFC 5260 §6).</summary>
internal sealed class FieldSelection
{
    private readonly bool _isMime;
    private readonly bool _withChildren;
    private readonly long _index;
    private readonly bool _fromEnd;

    public FieldSelection(SieveArguments arguments, bool takesIndex = true, bool takesMime = true)
    {
        if (takesIndex)
        {
            var index = arguments.NumberTag("index", "index");
            _fromEnd = arguments.Flag("last", "index");
            if (_fromEnd && index is null) arguments.Error("':last' needs ':index'");
            if (index == 0) arguments.Error("':index' counts from 1");
            _index = index ?? 0;
        }

        if (!takesMime) return;
        _isMime = arguments.Flag("mime", "mime");
        _withChildren = arguments.Flag("anychild", "mime");
        if (_withChildren && !_isMime) arguments.Error("':anychild' needs ':mime'");
    }

    public bool IsMime => _isMime;

    /// <summary>The fields with any of the names. With an index, the fields of all names are counted in the order of the names.</summary>
    public IEnumerable<SieveField> Select(SieveRun run, IReadOnlyList<string> names)
    {
        var found = names.SelectMany(name => Find(run, name));
        if (_index == 0) return found;
        var all = found.ToList();
        var at = _fromEnd ? all.Count - _index : _index - 1;
        return at >= 0 && at < all.Count ? [all[(int)at]] : [];
    }

    private IEnumerable<SieveField> Find(SieveRun run, string name)
    {
        if (!_isMime || (run.Part is null && !_withChildren)) return run.Header.Find(name);
        var part = run.Part ?? run.Message.Root;
        return (_withChildren ? part.All() : [part]).SelectMany(p => FieldsOf(run, p)).Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<SieveField> FieldsOf(SieveRun run, SievePart part)
    {
        run.Budget.Step();
        return part == run.Message.Root ? run.Header.Fields : part.Fields;
    }
}
