namespace MailServer.Protocol.ManageSieve.Decoding;

/// <summary>Why a line is not a command that can run.</summary>
internal enum DecodeFault
{
    None,

    /// <summary>The line is not well-formed.</summary>
    Syntax,

    /// <summary>A word is larger than a session may send. It was read to its end.</summary>
    TooLarge,

    /// <summary>More than the server reads to its end: the connection must be closed.</summary>
    Flood,
}

/// <summary>One line of the client with its literals.</summary>
internal sealed record DecodedCommand(IReadOnlyList<CommandArgument> Words, DecodeFault Fault);
