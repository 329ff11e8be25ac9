namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // x_{y_0} ≤ x_{y_1} ≤ …, or ≥, and y_i < y_{i+1} where both are equal
    private protected override void ArgSortCore(View x, View y, int rows, int columns, bool descending)
    {
        for (int row = 0; row < rows; row++)
        {
            double[] X = Values(x).Slice(row * columns, columns).ToArray();
            var order = Enumerable.Range(0, columns);
            order = descending ? order.OrderByDescending(c => X[c], NaNLast) : order.OrderBy(c => X[c], NaNLast);
            int at = row * columns;
            foreach (int c in order) Values(y)[at++] = c;
        }
    }

    private static readonly Comparer<double> NaNLast = Comparer<double>.Create((a, b) =>
        double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b));
}
