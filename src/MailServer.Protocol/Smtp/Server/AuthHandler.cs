using System.Buffers.Text;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Observation;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>AUTH mechanism [initial-response] (RFC 4954 §4), for submission only.</summary>
internal static class AuthHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (Begin(session, arguments.Span, out var mechanism, out var initial) is { } refusal)
        {
            session.Reply(refusal);
            yield break;
        }

        var step = mechanism!.Start(initial);
        while (true)
        {
            switch (step)
            {
                case SaslStep.RequestAuthentication ask:
                    yield return new SmtpEffect.Authenticate(ask.Request);
                    step = mechanism.Answer(session.TakeAuthentication());
                    continue;
                case SaslStep.Challenge challenge:
                    WriteChallenge(session, challenge.Octets.Span);
                    byte[]? response;
                    SmtpReply? failure;
                    while (!TryReadResponse(session, out response, out failure)) yield return null;
                    if (failure is null)
                    {
                        step = mechanism.Next(response);
                        continue;
                    }

                    session.Reply(failure);
                    if (failure.Code == 421) yield return new SmtpEffect.Close();
                    break;
                default:
                    Conclude(session, step);
                    break;
            }

            break;
        }

        if (session.AuthenticationFailures < session.Limits.MaxAuthenticationFailures) yield break;
        session.Reply(SmtpReplies.TooManyFailures(session.Options.Hostname));
        yield return new SmtpEffect.Close();
    }

    private static SmtpReply? Begin(SmtpSession session, ReadOnlySpan<byte> arguments, out ISaslMechanism? mechanism, out ReadOnlyMemory<byte>? initial)
    {
        mechanism = null;
        initial = null;
        if (session.Options.Policy != SessionPolicy.Submission) return SmtpReplies.NotImplemented;
        if (session.MustStartTls) return SmtpReplies.MustStartTls;
        if (session.Account is not null) return SmtpReplies.AlreadyAuthenticated;
        if (arguments.IsEmpty) return SmtpReplies.ArgumentNeeded;
        var space = arguments.IndexOf((byte)' ');
        mechanism = SaslMechanisms.Create(Encoding.ASCII.GetString(space < 0 ? arguments : arguments[..space]), session.Limits, session.Tls, session.Options.ServerNonce);
        if (mechanism is null) return SmtpReplies.UnknownMechanism;
        if (space < 0) return null;
        var text = arguments[(space + 1)..];
        // RFC 4954 §4: "=" is an empty response.
        if (!TryDecode(text is [(byte)'='] ? default : text, out var octets)) return SmtpReplies.AuthenticationMalformed;
        initial = octets;
        return null;
    }

    /// <summary>Returns false when more input is needed.</summary>
    private static bool TryReadResponse(SmtpSession session, out byte[]? response, out SmtpReply? failure)
    {
        response = null;
        failure = null;
        var read = session.ReadLine(out var line);
        if (read != LineReadStatus.Incomplete && session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("response", line.Length));
        switch (read)
        {
            case LineReadStatus.Incomplete:
                return false;
            case LineReadStatus.TooLong:
                failure = SmtpReplies.AuthenticationLineTooLong;
                break;
            case LineReadStatus.Unterminated:
                failure = SmtpReplies.UnterminatedLine(session.Options.Hostname);
                break;
            case LineReadStatus.Line when line.Span is [(byte)'*']:
                failure = SmtpReplies.AuthenticationCancelled;
                break;
            case LineReadStatus.Line when TryDecode(line.Span, out response):
                break;
            default:
                failure = SmtpReplies.AuthenticationMalformed;
                break;
        }

        return true;
    }

    private static void Conclude(SmtpSession session, SaslStep step)
    {
        switch (step)
        {
            case SaslStep.Succeeded succeeded:
                session.Account = succeeded.Account;
                session.Reply(SmtpReplies.Authenticated);
                break;
            case SaslStep.Failed { Temporary: true }:
                session.Reply(SmtpReplies.AuthenticationUnavailable);
                break;
            case SaslStep.Failed:
                session.AuthenticationFailures++;
                session.Reply(SmtpReplies.AuthenticationFailed);
                break;
            default:
                session.Reply(SmtpReplies.AuthenticationMalformed);
                break;
        }
    }

    private static void WriteChallenge(SmtpSession session, ReadOnlySpan<byte> octets)
    {
        var output = session.Output;
        var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(octets.Length) + 6);
        "334 "u8.CopyTo(span);
        Base64.EncodeToUtf8(octets, span[4..], out _, out var written);
        "\r\n"u8.CopyTo(span[(4 + written)..]);
        output.Advance(4 + written + 2);
    }

    // Strict: no white space inside, padding required (RFC 4954 §4 refers to RFC 4648 §4).
    private static bool TryDecode(ReadOnlySpan<byte> text, out byte[]? octets)
    {
        octets = null;
        if (text.ContainsAnyInRange((byte)0, (byte)' ')) return false;
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, decoded, out var used, out var written) != System.Buffers.OperationStatus.Done || used != text.Length) return false;
        octets = decoded[..written];
        return true;
    }
}
