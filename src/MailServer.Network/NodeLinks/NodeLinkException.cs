namespace MailServer.Network.NodeLinks;

/// <summary>The connection to another node failed; the message has the reason.</summary>
public sealed class NodeLinkException(string message, Exception? inner = null) : Exception(message, inner);
