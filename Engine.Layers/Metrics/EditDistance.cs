namespace Engine.Layers;

/// <summary>How many labels must be inserted, left out or exchanged to make one sequence of another.</summary>
public static class EditDistance
{
    /// <summary>The least number of such edits.</summary>
    /// <param name="a">A sequence.</param>
    /// <param name="b">Another.</param>
    /// <remarks>Time is the product of their lengths. Source: Levenshtein 1966; Wagner and Fischer 1974, doi:10.1145/321796.321811.</remarks>
    public static int Between(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int[] last = [.. Enumerable.Range(0, b.Length + 1)], now = new int[b.Length + 1];   // of the beginnings of b to that of a
        for (int i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (int j = 1; j <= b.Length; j++)
                now[j] = Math.Min(Math.Min(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            (last, now) = (now, last);
        }
        return last[b.Length];
    }
}
