namespace MailServer.Network.NodeLinks;

/// <summary>Another node could not be connected to; the message says why.</summary>
public sealed class NodeLinkException(string message, Exception? inner = null) : Exception(message, inner);
