using System.Buffers;
using System.Buffers.Text;
using MailServer.Protocol.ManageSieve.Decoding;
using MailServer.Protocol.ManageSieve.Writing;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>AUTHENTICATE (RFC 5804 §2.1).</summary>
internal static class AuthenticateCommand
{
    /// <summary>Mechanisms that clients know and this server never offers, because they are weaker than the password under TLS.</summary>
    private static readonly string[] TooWeak = ["ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "NTLM", "SCRAM-SHA-1"];

    public static IEnumerable<ManageSieveEffect> Run(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (Open(session, words, out var mechanism, out var initial) is { } refusal)
        {
            session.Refuse(refusal);
            yield break;
        }

        var step = mechanism!.Start(initial);
        byte[]? final = null;
        while (!TryConclude(step, session, final))
        {
            switch (step)
            {
                case SaslStep.RequestAuthentication ask:
                    yield return new ManageSieveEffect.Authenticate(ask.Request);
                    if (session.Authentication is not { } reply) yield break;
                    step = mechanism.Answer(reply);
                    continue;
                case SaslStep.Challenge { IsFinal: true } last:
                    // It comes with OK (RFC 5804 §2.1), so the client has nothing to say in between.
                    final = Base64Of(last.Octets.Span);
                    step = mechanism.Next(ReadOnlyMemory<byte>.Empty);
                    continue;
            }

            WriteChallenge(session, ((SaslStep.Challenge)step).Octets.Span);
            DecodedCommand? line;
            while (!session.TryTakeResponse(out line)) yield return ManageSieveSession.NeedInput;
            if (!TryRespond(line, session, out var response)) yield break;
            step = mechanism.Next(response);
        }
    }

    private static ManageSieveResult? Open(ManageSieveSession session, IReadOnlyList<CommandArgument> words, out ISaslMechanism? mechanism, out ReadOnlyMemory<byte>? initial)
    {
        (mechanism, initial) = (null, null);
        if (session.Account is not null) return ManageSieveResult.No("Signed in already");
        if (!words[1].TryRead(out var name)) return ManageSieveResult.No("Unknown mechanism");
        if (!session.MayAuthenticate) return ManageSieveResult.No("STARTTLS comes first", "ENCRYPT-NEEDED");
        if (TooWeak.Contains(name, StringComparer.OrdinalIgnoreCase)) return ManageSieveResult.No("This mechanism is too weak", "AUTH-TOO-WEAK");
        mechanism = SaslMechanisms.Create(name, session.Limits, session.Tls);
        if (mechanism is null) return ManageSieveResult.No("Unknown mechanism");
        if (words.Count < 3) return null;
        if (!TryDecode(words[2].Octets, out var octets)) return BadBase64;
        initial = octets;
        return null;
    }

    private static ManageSieveResult BadBase64 { get; } = ManageSieveResult.No("The response is not valid");

    private static bool TryConclude(SaslStep step, ManageSieveSession session, byte[]? final)
    {
        switch (step)
        {
            case SaslStep.Succeeded { Account: var account }:
                session.SignIn(account, final);
                return true;
            case SaslStep.Failed { Temporary: true }:
                session.FailSignIn(ManageSieveResult.No("Signing in is not possible now. Try again later", "TRYLATER"), counts: false);
                return true;
            case SaslStep.Failed:
                session.FailSignIn(ManageSieveResult.No("Login or password is wrong"), counts: true);
                return true;
            case SaslStep.Malformed:
                session.Refuse(BadBase64, isClientError: true);
                return true;
            default:
                return false;
        }
    }

    private static bool TryRespond(DecodedCommand line, ManageSieveSession session, out byte[] response)
    {
        response = [];
        if (line.Fault == DecodeFault.Flood)
        {
            session.Bye("Too much input");
            return false;
        }

        // Some clients send the star without quotes.
        var isCancelled = line is { Fault: DecodeFault.None, Words: [{ Octets: [(byte)'*'] }] };
        if (!isCancelled && line is { Fault: DecodeFault.None, Words: [{ Kind: ArgumentKind.Text } word] } && TryDecode(word.Octets, out response)) return true;
        session.Refuse(isCancelled ? ManageSieveResult.No("Cancelled") : BadBase64, isClientError: true);
        return false;
    }

    private static void WriteChallenge(ManageSieveSession session, ReadOnlySpan<byte> challenge)
    {
        session.Output.WriteString(Base64Of(challenge));
        session.Output.EndLine();
    }

    private static byte[] Base64Of(ReadOnlySpan<byte> octets) => System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(octets));

    private static bool TryDecode(byte[] base64, out byte[] octets)
    {
        // '=' stands for an empty response in other protocols, and some clients share the code.
        if (base64 is [(byte)'=']) base64 = [];
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        var done = Base64.DecodeFromUtf8(base64, buffer, out var read, out var written);
        octets = buffer[..written];
        return done == OperationStatus.Done && read == base64.Length;
    }
}
