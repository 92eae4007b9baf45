using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The header of the message in a run, with the changes of editheader (RFC 5293).</summary>
internal sealed class SieveHeader(SieveMessage message, SieveLimits limits, IReadOnlyList<SieveField>? edited = null)
{
    private IReadOnlyList<SieveField>? _edited = edited;
    private Dictionary<string, List<SieveField>>? _byName;

    /// <summary>The changed header as it is now; null if nothing was changed.</summary>
    public IReadOnlyList<SieveField>? Edited => _edited;

    public IReadOnlyList<SieveField> Fields => _edited ?? message.Fields;

    /// <summary>The fields with a name, in their order.</summary>
    public IReadOnlyList<SieveField> Find(string name)
    {
        if (_byName is null)
        {
            _byName = new Dictionary<string, List<SieveField>>(StringComparer.OrdinalIgnoreCase);
            foreach (var field in Fields)
            {
                if (!_byName.TryGetValue(field.Name, out var fields)) _byName[field.Name] = fields = [];
                fields.Add(field);
            }
        }

        return _byName.TryGetValue(name, out var found) ? found : [];
    }

    /// <summary>The first field with a name; null without one.</summary>
    public SieveField? First(string name) => Find(name) is [var first, ..] ? first : null;

    public void Add(SieveField field, bool atEnd)
    {
        if (Fields.Count >= limits.MaxHeaderFields) throw new SieveFaultException($"the header has more than {Quantity.Of(limits.MaxHeaderFields, "field")}");
        Replace(atEnd ? [.. Fields, field] : [field, .. Fields]);
    }

    public void Remove(IReadOnlyCollection<SieveField> removed)
    {
        if (removed.Count > 0) Replace([.. Fields.Where(f => !removed.Contains(f))]);
    }

    // The actions before keep the list that they were given.
    private void Replace(List<SieveField> fields)
    {
        _edited = fields;
        _byName = null;
    }
}
