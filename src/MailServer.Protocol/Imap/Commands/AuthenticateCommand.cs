using System.Buffers.Text;
using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>AUTHENTICATE (RFC 3501 §6.2.2), with an optional initial response (RFC 4959).</summary>
internal sealed record AuthenticateCommand(string Mechanism, byte[]? Initial) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadAtom(out var mechanism)) return null;
        var name = Encoding.ASCII.GetString(mechanism).ToUpperInvariant();
        if (reader.AtEnd) return new AuthenticateCommand(name, null);
        if (!reader.ReadSpace() || !reader.ReadAString(out var initial)) return null;
        if (initial.SequenceEqual("="u8)) return new AuthenticateCommand(name, []);
        return TryDecode(initial, out var octets) ? new AuthenticateCommand(name, octets) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (!Capabilities.MayAuthenticate(session))
        {
            session.Refuse(ImapError.PrivacyRequired);
            yield break;
        }

        if (SaslMechanisms.Create(Mechanism, session.Limits, session.Tls) is not { } mechanism)
        {
            session.Refuse(ImapError.UnknownMechanism);
            yield break;
        }

        var step = mechanism.Start(Initial is null ? (ReadOnlyMemory<byte>?)null : Initial);
        while (!TryConclude(step, session))
        {
            if (step is SaslStep.RequestAuthentication ask)
            {
                yield return new ImapEffect.Authenticate(ask.Request);
                if (session.Authentication is not { } reply) yield break;
                step = mechanism.Answer(reply);
                continue;
            }

            WriteChallenge(session, ((SaslStep.Challenge)step).Octets.Span);
            byte[] line;
            while (!session.TryTakeLine(out line)) yield return ImapSession.NeedInput;
            if (!TryRespond(line, session, out var response)) yield break;
            step = mechanism.Next(response);
        }
    }

    /// <summary>Omits the initial response, because this text may be logged.</summary>
    public override string ToString() => $"Authenticate {{ Mechanism = {Mechanism} }}";

    private static bool TryConclude(SaslStep step, ImapSession session)
    {
        switch (step)
        {
            case SaslStep.Succeeded { Account: var account }:
                session.SignIn(account);
                return true;
            case SaslStep.Failed { Temporary: var temporarily }:
                session.FailSignIn(temporarily);
                return true;
            case SaslStep.Malformed:
                session.Refuse(ImapError.BadBase64);
                return true;
            default:
                return false;
        }
    }

    private static bool TryRespond(byte[] line, ImapSession session, out byte[] response)
    {
        response = [];
        var isCancelled = line is [(byte)'*'];
        if (!isCancelled && TryDecode(line, out response)) return true;
        session.Refuse(isCancelled ? ImapError.Cancelled : ImapError.BadBase64);
        return false;
    }

    private static void WriteChallenge(ImapSession session, ReadOnlySpan<byte> challenge)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("+ "u8);
        writer.Write(Convert.ToBase64String(challenge));
        writer.EndLine();
        writer.Commit();
    }

    private static bool TryDecode(ReadOnlySpan<byte> base64, out byte[] octets)
    {
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        var done = Base64.DecodeFromUtf8(base64, buffer, out var read, out var written);
        octets = buffer[..written];
        return done == System.Buffers.OperationStatus.Done && read == base64.Length;
    }
}
