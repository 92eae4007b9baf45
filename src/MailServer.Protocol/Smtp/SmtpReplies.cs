using MailServer.Domain.Delivery;
using MailServer.Domain.Formatting;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Smtp;

/// <summary>All replies that the session itself generates, with code (RFC 5321 §4.2.3) and enhanced code (RFC 3463).</summary>
public static class SmtpReplies
{
    public static SmtpReply SenderOk { get; } = new(250, "2.1.0", "Sender OK");

    public static SmtpReply RecipientOk { get; } = new(250, "2.1.5", "Recipient OK");

    public static SmtpReply ResetOk { get; } = new(250, "2.0.0", "Reset");

    public static SmtpReply NoOperationOk { get; } = new(250, "2.0.0", "OK");

    public static SmtpReply CannotVerify { get; } = new(252, "2.1.5", "Cannot verify, but send some mail and see");

    public static SmtpReply HelpText { get; } = new(214, "2.0.0", "See RFC 5321 for what to say");

    public static SmtpReply StartMail { get; } = new(354, "", "Send the message, end with CRLF.CRLF");

    public static SmtpReply ReadyForTls { get; } = new(220, "2.0.0", "Ready to start TLS");

    public static SmtpReply Authenticated { get; } = new(235, "2.7.0", "Authentication succeeded");

    public static SmtpReply AuthenticationUnavailable { get; } = new(454, "4.7.0", "Authentication is temporarily unavailable");

    public static SmtpReply AuthenticationFailed { get; } = new(535, "5.7.8", "Authentication credentials are invalid; the login is the whole email address");

    public static SmtpReply AuthenticationCancelled { get; } = new(501, "5.7.0", "Authentication cancelled");

    public static SmtpReply AuthenticationMalformed { get; } = new(501, "5.5.2", "Cannot read the authentication response");

    public static SmtpReply AuthenticationLineTooLong { get; } = new(500, "5.5.6", "Authentication exchange line is too long");

    public static SmtpReply AuthenticationRequired { get; } = new(530, "5.7.0", "Authentication required");

    public static SmtpReply MustStartTls { get; } = new(530, "5.7.0", "Must issue a STARTTLS command first");

    public static SmtpReply AlreadyAuthenticated { get; } = new(503, "5.5.1", "Already authenticated");

    public static SmtpReply UnknownMechanism { get; } = new(504, "5.5.4", "Unrecognized authentication mechanism");

    public static SmtpReply AlreadyTls { get; } = new(503, "5.5.1", "TLS is already active");

    public static SmtpReply TlsUnavailable { get; } = new(454, "4.7.0", "TLS is not available");

    public static SmtpReply Unrecognized { get; } = new(500, "5.5.1", "Command not recognized");

    public static SmtpReply NotImplemented { get; } = new(502, "5.5.1", "Command not implemented");

    public static SmtpReply LineTooLong { get; } = new(500, "5.5.2", "Line is too long");

    public static SmtpReply BareLineFeed { get; } = new(500, "5.5.2", "Lines must end with CRLF");

    public static SmtpReply NotAscii { get; } = new(500, "5.5.2", "Command holds octets that are not ASCII");

    public static SmtpReply NoArguments { get; } = new(501, "5.5.4", "This command takes no arguments");

    public static SmtpReply ArgumentNeeded { get; } = new(501, "5.5.4", "This command needs an argument");

    public static SmtpReply BadHelo { get; } = new(501, "5.5.4", "Domain or address literal expected");

    public static SmtpReply BadSenderSyntax { get; } = new(501, "5.1.7", "Bad sender address syntax, expected MAIL FROM:<address>");

    public static SmtpReply BadRecipientSyntax { get; } = new(501, "5.1.3", "Bad recipient address syntax, expected RCPT TO:<address>");

    public static SmtpReply NotAsciiAddress { get; } = new(553, "5.6.7", "Address is not ASCII and SMTPUTF8 was not asked for");

    public static SmtpReply BadParameter { get; } = new(501, "5.5.4", "Bad parameter value");

    public static SmtpReply UnknownParameter { get; } = new(555, "5.5.4", "Parameter not recognized");

    public static SmtpReply MessageTooLarge { get; } = new(552, "5.3.4", "Message is larger than this server takes");

    public static SmtpReply TooManyRecipients { get; } = new(452, "4.5.3", "Too many recipients in one transaction");

    public static SmtpReply BareLineEnding { get; } = new(550, "5.6.11", "Message holds a bare CR or LF");

    public static SmtpReply TextLineTooLong { get; } = new(550, "5.6.0", "Message holds a line that is too long");

    public static SmtpReply ContainsNul { get; } = new(550, "5.6.0", "Message holds a NUL octet");

    public static SmtpReply BadChunkSize { get; } = new(501, "5.5.4", "Expected BDAT size [LAST]");

    public static SmtpReply ChunkWithoutRecipients { get; } = new(503, "5.5.1", "BDAT needs MAIL and an accepted RCPT first");

    public static SmtpReply Greeting(string hostname) => new(220, "", $"{hostname} ESMTP ready");

    public static SmtpReply Closing(string hostname) => new(221, "2.0.0", $"{hostname} closing connection");

    public static SmtpReply ShuttingDown(string hostname, string reason) => new(421, "4.3.2", $"{hostname} {reason}");

    public static SmtpReply UnterminatedLine(string hostname) => new(421, "4.7.0", $"{hostname} Line is too long");

    public static SmtpReply TooManyErrors(string hostname) => new(421, "4.7.0", $"{hostname} Too many errors");

    public static SmtpReply TooManyFailures(string hostname) => new(421, "4.7.0", $"{hostname} Too many failed authentications");

    // RFC 9422 §4.2: after MAILMAX transactions the connection is closed, and the client opens a new one.
    public static SmtpReply TooManyTransactions(string hostname) => new(421, "4.7.0", $"{hostname} Too many transactions on one connection");

    public static SmtpReply ChunkOk(long octets) => new(250, "2.0.0", $"{Quantity.Of(octets, "octet")} received");

    internal static SmtpReply BadSequence(SmtpState state, string verb) => new(503, "5.5.1", state switch
    {
        SmtpState.Connected => "Send EHLO first",
        SmtpState.Greeted => "Send MAIL first",
        SmtpState.Mail when verb is "DATA" => "No valid recipients",
        _ => $"{verb} is not allowed in a mail transaction",
    });

    internal static SmtpReply For(MessageDataError fault) => fault switch
    {
        MessageDataError.TooLarge => MessageTooLarge,
        MessageDataError.LineTooLong => TextLineTooLong,
        MessageDataError.Nul => ContainsNul,
        _ => BareLineEnding,
    };
}
