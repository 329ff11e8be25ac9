using System.Globalization;
using System.Text;

namespace Engine.Core;

/// <summary>Writes a graph as a list, each node once, after everything it uses: a tree would repeat what is shared, and a deep one would
/// indent off the page.</summary>
internal static class GraphPrinter
{
    public static string Print(Tensor root)
    {
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        var text = new StringBuilder();
        var open = new Stack<(object Node, bool InputsDone)>();
        open.Push(((object?)root.Creator ?? root, false));
        while (open.TryPop(out var top))
        {
            if (numbers.ContainsKey(top.Node)) continue;
            if (top.Node is Op op && !top.InputsDone)
            {
                open.Push((op, true));
                for (int i = op.Inputs.Count - 1; i >= 0; i--)
                    if (op.Arrows[i].Node is { } input && !numbers.ContainsKey(input)) open.Push((input, false));
                continue;
            }
            numbers[top.Node] = numbers.Count;
            if (text.Length > 0) text.Append('\n');
            text.Append(numbers[top.Node]).Append(": ");
            if (top.Node is Op node) Write(text, node, numbers);
            else text.Append(((Tensor)top.Node).RequiresGrad ? "leaf " : "constant ").Append(((Tensor)top.Node).Describe());
        }
        return text.ToString();
    }

    private static void Write(StringBuilder text, Op op, Dictionary<object, int> numbers)
    {
        text.Append(op.Name);
        if (op.Attributes.Length > 0) text.Append(" {").Append(op.Attributes).Append('}');
        text.Append(" -> ").Append(op.OutputShape).Append(" of ");
        text.AppendJoin(", ", op.Inputs.Select(input =>
            !input.IsGiven ? "nothing"
            : input.Node is { } node ? numbers[node].ToString(CultureInfo.InvariantCulture)
            : input.Name is null ? $"constant {input.Shape}" : $"constant {input.Shape} '{input.Name}'"));
    }
}
