using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>
/// The ARC sets of a message with checked structure (RFC 8617 §5.2, steps 1 to 3). Reading a chain requests its body hash, so that the body is hashed
/// in the same pass as for other signatures.
/// </summary>
public sealed class ArcChain
{
    internal const int MaxInstance = 50;
    internal const string ResultsName = "arc-authentication-results";
    internal const string SignatureName = MessageSignature.ArcName;
    internal const string SealName = "arc-seal";

    private readonly SignedMessage _message;
    private readonly List<Set> _sets = [];

    private ArcChain(SignedMessage message) => _message = message;

    /// <summary>The number of ARC sets in the message.</summary>
    public int Count => _sets.Count;

    /// <summary>True when the message has no ARC fields.</summary>
    public bool IsEmpty => _sets.Count == 0 && Error is null;

    /// <summary>The structural error; null when the structure is valid.</summary>
    internal string? Error { get; private set; }

    internal SignedMessage Message => _message;

    /// <summary>The sets, oldest first.</summary>
    internal IReadOnlyList<Set> Sets => _sets;

    internal MessageSignature? LastSignature { get; private set; }

    /// <summary>The last sealer marked the chain as failed, so no further set may be added (§5.1).</summary>
    internal bool IsMarkedFailed => _sets is [.., { Seal.State: "fail" }];

    public static ArcChain Read(SignedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var chain = new ArcChain(message);
        chain.Error = chain.Collect() ?? chain.CheckStates();
        return chain;
    }

    /// <summary>The hash signed by a seal: over the fields of all sets up to its own, or of its own set alone (§5.1.1, §5.1.2).</summary>
    internal static byte[] HashSeal(SignedMessage message, IEnumerable<Set> before, ReadOnlySpan<byte> own)
    {
        var canonical = new ArrayBufferWriter<byte>(4096);
        foreach (var set in before)
        {
            foreach (var field in (SignedMessage.Field[])[set.Results, set.Signature, set.SealField])
            {
                RelaxedHeaderWriter.Write(canonical, Encoding.ASCII.GetBytes(field.Name), message.Raw(field)[field.ValueStart..]);
                canonical.Write("\r\n"u8);
            }
        }

        canonical.Write(own);
        return SHA256.HashData(canonical.WrittenSpan);
    }

    /// <summary>The hash signed by the seal at <paramref name="index"/>.</summary>
    internal byte[] HashSeal(int index)
    {
        var set = _sets[index];
        var own = new ArrayBufferWriter<byte>(1024);
        foreach (var field in (SignedMessage.Field[])[set.Results, set.Signature])
        {
            RelaxedHeaderWriter.Write(own, Encoding.ASCII.GetBytes(field.Name), _message.Raw(field)[field.ValueStart..]);
            own.Write("\r\n"u8);
        }

        RelaxedHeaderWriter.Write(own, Encoding.ASCII.GetBytes(SealName), Encoding.Latin1.GetBytes(set.Seal.Tags.Without("b")));
        return HashSeal(_message, _sets.Take(index), own.WrittenSpan);
    }

    /// <summary>The results that each sealer reported, oldest first (ARC-Authentication-Results without its instance). They are only as trustworthy as the sealers.</summary>
    public IReadOnlyList<string> ReportedResults
    {
        get
        {
            return [.. _sets.Select(set => Report(_message.Value(set.Results)))];

            static string Report(string value) => value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..];
        }
    }

    private string? Collect()
    {
        var found = new Dictionary<(string Name, int Instance), SignedMessage.Field>();
        foreach (var field in _message.Fields.Where(f => f.Name is ResultsName or SignatureName or SealName))
        {
            if (InstanceOf(field) is not { } instance) return $"{field.Name}: i= is missing or invalid";
            if (!found.TryAdd((field.Name, instance), field)) return $"{field.Name}: i={instance} occurs twice";
        }

        for (var i = 1; found.Count > 0; i++)
        {
            if (!found.Remove((ResultsName, i), out var results)) return $"i={i}: no {ResultsName}";
            if (!found.Remove((SignatureName, i), out var signature)) return $"i={i}: no {SignatureName}";
            if (!found.Remove((SealName, i), out var sealField)) return $"i={i}: no {SealName}";
            if (!ArcSeal.TryParse(_message, sealField, out var seal, out var error)) return $"i={i}: seal: {error}";
            _sets.Add(new Set(results, signature, sealField, seal));
        }

        return null;
    }

    private string? CheckStates()
    {
        if (_sets.Count == 0) return null;
        if (IsMarkedFailed) return "the last sealer marked the chain as failed (cv=fail)";
        for (var i = 0; i < _sets.Count; i++)
            if (_sets[i].Seal.State != (i == 0 ? "none" : "pass")) return $"i={i + 1}: cv={_sets[i].Seal.State}";
        if (!MessageSignature.TryParse(_message, _sets[^1].Signature, out var last, out var error)) return $"i={_sets.Count}: signature: {error}";
        LastSignature = last;
        return last.SignedNames.Contains(SealName) ? $"i={_sets.Count}: a signature may not cover seals" : null;
    }

    private int? InstanceOf(SignedMessage.Field field)
    {
        var value = _message.Value(field);
        var text = value;
        if (field.Name == ResultsName)
        {
            // arc-info = instance [CFWS] ";" authres-payload
            var end = value.IndexOf(';', StringComparison.Ordinal);
            var equals = value.IndexOf('=', StringComparison.Ordinal);
            if (end < 0 || equals < 0 || equals > end || value[..equals].Trim() != "i") return null;
            text = value[(equals + 1)..end].Trim();
        }
        else
        {
            text = TagList.TryParse(value, out var tags) ? tags["i"] : null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) && instance is > 0 and <= MaxInstance ? instance : null;
    }

    /// <summary>The three fields of one instance.</summary>
    internal sealed record Set(SignedMessage.Field Results, SignedMessage.Field Signature, SignedMessage.Field SealField, ArcSeal Seal);
}
