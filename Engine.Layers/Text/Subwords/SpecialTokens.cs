namespace Engine.Layers;

/// <summary>Tokens that stand for no text, and where their names stand in one.</summary>
internal sealed class SpecialTokens
{
    private readonly (string Token, int Id)[] byLength;
    private readonly HashSet<int> ids;

    public SpecialTokens(TokenTable table, IEnumerable<string> tokens)
    {
        byLength = [.. tokens.Distinct(StringComparer.Ordinal).Select(token => (token, Id: table.Find(token)))
            .Where(one => one.Id is not null).Select(one => (one.token, one.Id!.Value)).OrderByDescending(one => one.token.Length)];
        ids = [.. byLength.Select(one => one.Id)];
        Ids = [.. ids.Order()];
    }

    public IReadOnlyList<int> Ids { get; }

    public bool Contains(int id) => ids.Contains(id);

    /// <summary>The next one from a place in a text on; of those that begin at the same place, the longest.</summary>
    public (int At, int Length, int Id)? Next(string text, int from)
    {
        (int At, int Length, int Id)? found = null;
        foreach (var (token, id) in byLength)
        {
            int at = text.IndexOf(token, from, Math.Min(text.Length, (found?.At ?? text.Length) + token.Length - 1) - from, StringComparison.Ordinal);
            if (at >= 0) found = (at, token.Length, id);
        }
        return found;
    }
}
