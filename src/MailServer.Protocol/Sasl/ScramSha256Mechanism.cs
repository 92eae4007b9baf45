using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Sessions;

namespace MailServer.Protocol.Sasl;

/// <summary>
/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), the latter bound to the TLS connection. An unknown login goes through the same messages as a known one and fails at the end.
/// Every result is reported to the authentication service, so that failed attempts are counted.
/// </summary>
/// <param name="limits">The limits.</param>
/// <param name="bindings">What the connection offers for binding; null for nothing.</param>
/// <param name="isBound">True for SCRAM-SHA-256-PLUS.</param>
/// <param name="serverNonce">Creates the server's part of the nonce.</param>
internal sealed class ScramSha256Mechanism(Limits limits, TlsBindings? bindings, bool isBound, Func<string> serverNonce) : ISaslMechanism
{
    private State _state = State.ClientFirst;
    private ScramClientFirst? _clientFirst;
    private ReadOnlyMemory<byte> _binding;
    private ScramKeys? _keys;
    private Account? _account;
    private string _nonce = string.Empty;
    private string _serverFirst = string.Empty;
    private byte[] _serverFinal = [];
    private bool _proven;

    private enum State
    {
        ClientFirst,
        FindingKeys,
        ClientFinal,
        Reporting,
        ServerFinalSent,
    }

    public SaslStep Start(ReadOnlyMemory<byte>? initialResponse) =>
        initialResponse is { } response ? Next(response) : new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty);

    public SaslStep Next(ReadOnlyMemory<byte> response) => _state switch
    {
        State.ClientFirst => ReadClientFirst(response.Span),
        State.ClientFinal => ReadClientFinal(response.Span),
        // RFC 5802 §5: the client acknowledges the server's proof with an empty response (SMTP and IMAP carry no data with success).
        State.ServerFinalSent when response.IsEmpty && _account is not null => new SaslStep.Succeeded(_account),
        _ => new SaslStep.Malformed(),
    };

    public SaslStep Answer(AuthenticationReply reply) => (_state, reply) switch
    {
        (_, AuthenticationReply.Unavailable) => new SaslStep.Failed(Temporary: true),
        (State.FindingKeys, AuthenticationReply.ScramKeysFound found) => SendServerFirst(found),
        (State.Reporting, AuthenticationReply.Accepted accepted) when _proven => SendServerFinal(accepted.Account),
        _ => new SaslStep.Failed(Temporary: false),
    };

    private SaslStep ReadClientFirst(ReadOnlySpan<byte> octets)
    {
        if (!ScramClientFirst.TryParse(octets, limits, out _clientFirst)) return new SaslStep.Malformed();
        if (!AcceptsBinding(_clientFirst) || !SaslText.IsSameIdentity(_clientFirst.AuthorizeAs, _clientFirst.Login))
            return new SaslStep.Failed(Temporary: false);
        _state = State.FindingKeys;
        return new SaslStep.RequestAuthentication(new AuthenticationRequest.FindScramKeys(_clientFirst.Login));
    }

    // RFC 5802 §6: a client that binds uses -PLUS. One that would, but was not offered it although it is there, does not see what the server has sent: somebody in between has changed it.
    private bool AcceptsBinding(ScramClientFirst first)
    {
        if (!isBound) return first.Binding is null && !(first.MissesBinding && bindings is not null);
        if (first.Binding is null || bindings?.Find(first.Binding) is not { } value) return false;
        _binding = value;
        return true;
    }

    private SaslStep.Challenge SendServerFirst(AuthenticationReply.ScramKeysFound found)
    {
        _keys = found.Scram;
        _account = found.Account;
        _nonce = _clientFirst!.Nonce + serverNonce();
        _serverFirst = string.Create(
            CultureInfo.InvariantCulture,
            $"r={_nonce},s={Convert.ToBase64String(_keys.Salt.Span)},i={_keys.Iterations}");
        _state = State.ClientFinal;
        return new SaslStep.Challenge(Encoding.ASCII.GetBytes(_serverFirst));
    }

    private SaslStep ReadClientFinal(ReadOnlySpan<byte> octets)
    {
        if (!ScramClientFinal.TryParse(octets, limits, out var final)) return new SaslStep.Malformed();
        _proven = final.Nonce == _nonce && final.ChannelBinding == _clientFirst!.ExpectedBinding(_binding) && Proves(final) && _account is not null;
        _state = State.Reporting;
        return new SaslStep.RequestAuthentication(new AuthenticationRequest.ReportScramResult(_clientFirst!.Login, _proven) { Keys = _keys });
    }

    // RFC 5802 §3: StoredKey = H(ClientKey), ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage).
    private bool Proves(ScramClientFinal final)
    {
        var message = Encoding.UTF8.GetBytes($"{_clientFirst!.Bare},{_serverFirst},{final.WithoutProof}");
        Span<byte> clientKey = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_keys!.StoredKey.Span, message, clientKey);
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] ^= final.Proof[i];
        Span<byte> storedKey = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(clientKey, storedKey);
        _serverFinal = Encoding.ASCII.GetBytes($"v={Convert.ToBase64String(HMACSHA256.HashData(_keys.ServerKey.Span, message))}");
        return CryptographicOperations.FixedTimeEquals(storedKey, _keys.StoredKey.Span);
    }

    private SaslStep.Challenge SendServerFinal(Account account)
    {
        _account = account;
        _state = State.ServerFinalSent;
        return new SaslStep.Challenge(_serverFinal) { IsFinal = true };
    }
}
