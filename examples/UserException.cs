namespace Engine.Examples;

/// <summary>Something that the user can mend; the message says how.</summary>
internal sealed class UserException(string message) : Exception(message);
